import type { EntityHome, UniqueValue } from '../store/entity-keys.ts';
import { type EntityStore, uniqueKey } from '../store/entity-store.ts';

/** Finds entities that can change, many at a time. */
export type EntityFinder = Pick<EntityStore, 'find' | 'exist'>;

/** Which entities of one kind there are, as far as some rows at a time ask. */
export class EntityLookup {
  private readonly finder: EntityFinder;
  private readonly home: EntityHome;
  private owners: ReadonlyMap<string, string> = new Map();
  private ids: ReadonlySet<string> = new Set();

  constructor(finder: EntityFinder, home: EntityHome) {
    this.finder = finder;
    this.home = home;
  }

  /** Finds out about the values and ids, and forgets all others. */
  async learn(values: readonly UniqueValue[], entityIds: readonly string[]): Promise<void> {
    const distinct = [...new Map(values.map((value) => [uniqueKey(value), value])).values()];
    const ids = [...new Set(entityIds)];
    [this.owners, this.ids] = await Promise.all([
      distinct.length > 0 ? this.finder.find(this.home, distinct) : new Map<string, string>(),
      ids.length > 0 ? this.finder.exist(this.home, ids) : new Set<string>(),
    ]);
  }

  /** The id of the entity that has the value. */
  ownerOf(value: UniqueValue): string | undefined {
    return this.owners.get(uniqueKey(value));
  }

  exists(entityId: string): boolean {
    return this.ids.has(entityId);
  }
}
