import { accountEntityIdOf } from '../../lambdas/model/identity.ts';
import type { EntityOrigin, NewEntity } from '../../lambdas/store/registry-table.ts';
import type { TestStores } from './stores.ts';

/** Where an account's boundaries come from. */
export function boundaryOrigin(accountId: string, own: Partial<EntityOrigin> = {}): EntityOrigin {
  return {
    accountId,
    entity: 'boundary',
    entityScope: 'account',
    referenceId: 'cmp-1',
    processName: 'boundaryCreation',
    actionId: 'first',
    ...own,
  };
}

/** A boundary; with a parent it stands one level below the roots. */
export function newBoundary(accountId: string, code: string, parent = '', name = code): NewEntity {
  return {
    entityId: accountEntityIdOf(accountId, 'boundary', code),
    uniqueIdentifier: code,
    data: { code, name },
    place: { parent, level: parent === '' ? 0 : 1 },
  };
}

/** Creates root boundaries with these codes. */
export async function registerBoundaries({ registry }: TestStores, accountId: string, codes: readonly string[]) {
  await registry.create(
    boundaryOrigin(accountId),
    codes.map((code) => newBoundary(accountId, code)),
  );
}
