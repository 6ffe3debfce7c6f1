import type { z } from 'zod';
import type { mappingListSchema, referenceSchema } from '../../lambdas/model/api.ts';
import type { RollcallClient } from './client.ts';

export type MappingView = z.infer<typeof mappingListSchema>['items'][number];
export type ReferenceView = z.infer<typeof referenceSchema>;

/** All mappings of a reference that pass the filter, page by page. */
export async function mappingsOf(client: RollcallClient, referenceId: string, filter = ''): Promise<MappingView[]> {
  const found: MappingView[] = [];
  let cursor: string | undefined;
  do {
    const from: string = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const path = `/api/references/${referenceId}/mappings?limit=70&${filter}${from}`;
    const page = await client.read<z.infer<typeof mappingListSchema>>(path);
    found.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found;
}

/** `F1 B-01: mapped`, sorted: how each pair stands. */
export function standing(mappings: readonly MappingView[]): string[] {
  return mappings
    .map(({ uniqueIdentifier, boundaryCode, status }) => `${uniqueIdentifier} ${boundaryCode}: ${status}`)
    .sort();
}

/** The reference once no mapping run is under way. */
export async function mappingEnded(client: RollcallClient, referenceId: string): Promise<ReferenceView> {
  for (;;) {
    const reference = await client.read<ReferenceView>(`/api/references/${referenceId}`);
    if (reference.mapping.status !== 'running') return reference;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
