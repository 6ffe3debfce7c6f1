import type { z } from 'zod';
import type { boundaryListSchema, boundarySchema } from '../model/api.ts';
import type { SharedEntity } from '../store/entity-index.ts';
import type { EntityPage } from './browse-hierarchy.ts';

export type BoundaryView = z.infer<typeof boundarySchema>;
export type BoundaryListView = z.infer<typeof boundaryListSchema>;

/** The kind of entity that boundaries are. */
export const boundary = 'boundary';

/** A boundary as its process's columns have it, and where it stands. */
export function viewBoundary(entity: SharedEntity): BoundaryView {
  const { uniqueIdentifier, data, parent, level, entityId, referenceId, createdAt } = entity;
  return {
    code: uniqueIdentifier,
    name: String(data.name),
    boundaryType: String(data.boundaryType),
    parentCode: parent === '' ? null : parent,
    level,
    entityId,
    referenceId,
    createdAt,
  };
}

export function viewBoundaries({ items, cursor }: EntityPage): BoundaryListView {
  return { items: items.map(viewBoundary), ...(cursor !== undefined && { cursor }) };
}
