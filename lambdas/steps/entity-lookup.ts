import type { EntityHome, UniqueValue } from '../store/entity-keys.ts';
import { type EntityStore, uniqueKey } from '../store/entity-store.ts';

/** Finds entities that can change, many at a time. */
export type EntityFinder = Pick<EntityStore, 'find' | 'exist'>;

/** Which entities of one kind there are, as far as some rows ask. */
export class FoundEntities {
  private readonly owners: ReadonlyMap<string, string>;
  private readonly ids: ReadonlySet<string>;

  private constructor(owners: ReadonlyMap<string, string>, ids: ReadonlySet<string>) {
    this.owners = owners;
    this.ids = ids;
  }

  /** Finds out about the values and ids. */
  static async find(
    finder: EntityFinder,
    home: EntityHome,
    { values, entityIds }: { values: readonly UniqueValue[]; entityIds: readonly string[] },
  ): Promise<FoundEntities> {
    const distinct = [...new Map(values.map((value) => [uniqueKey(value), value])).values()];
    const ids = [...new Set(entityIds)];
    const [owners, there] = await Promise.all([
      distinct.length > 0 ? finder.find(home, distinct) : new Map<string, string>(),
      ids.length > 0 ? finder.exist(home, ids) : new Set<string>(),
    ]);
    return new FoundEntities(owners, there);
  }

  /** The id of the entity that has the value. */
  ownerOf(value: UniqueValue): string | undefined {
    return this.owners.get(uniqueKey(value));
  }

  exists(entityId: string): boolean {
    return this.ids.has(entityId);
  }
}
