import type { EntityIndex } from '../store/entity-index.ts';
import type { EntityHome } from '../store/entity-keys.ts';

/** When what is known is asked for, and when it is held. */
export interface KnownLimits {
  /** Identifiers asked for one by one; whoever has more is better off with the whole list. */
  readonly asked: number;
  /** Identifiers held in memory. Accounts with more are only ever asked. */
  readonly held: number;
}

/** A million identifiers take some 150 MB. */
const defaultLimits: KnownLimits = { asked: 5_000, held: 1_000_000 };

/**
 * Which entities of a kind the account has, as far as a sheet asks. A sheet that names few costs a few reads by key,
 * however many entities there are; one that names many, or unknown ones, has all of them loaded once.
 */
export class KnownEntities {
  private readonly index: EntityIndex;
  private readonly home: EntityHome;
  private readonly limits: KnownLimits;
  private levels = new Map<string, number>();
  private asked = 0;
  /** `whole`: `levels` are those of all the account's entities; `too_many`: they never will be. */
  private list: 'partial' | 'whole' | 'too_many' = 'partial';

  constructor(index: EntityIndex, home: EntityHome, limits = defaultLimits) {
    this.index = index;
    this.home = home;
    this.limits = limits;
  }

  /** Finds out about the identifiers, so that `levelOf` knows of them until the next are learned. */
  async learn(identifiers: ReadonlySet<string>): Promise<void> {
    if (this.list === 'whole') return;
    const unseen = [...identifiers].filter((identifier) => !this.levels.has(identifier));
    this.asked += unseen.length;
    const list = this.asked > this.limits.asked ? await this.load() : this.list;
    if (list !== 'whole') await this.ask(identifiers, unseen);
  }

  /** The level of what there is, 0 where the kind has no hierarchy; undefined for what there is not. */
  levelOf(identifier: string): number | undefined {
    return this.levels.get(identifier);
  }

  /** The identifiers of all there are; none when they are too many to hold. */
  async all(): Promise<string[]> {
    return (await this.load()) === 'whole' ? [...this.levels.keys()] : [];
  }

  private async ask(identifiers: ReadonlySet<string>, unseen: readonly string[]): Promise<void> {
    const full = this.levels.size + unseen.length > this.limits.held;
    if (full) this.levels.clear();
    const found = await this.index.levels(this.home, full ? [...identifiers] : unseen);
    for (const [identifier, level] of found) this.levels.set(identifier, level);
  }

  private async load(): Promise<'whole' | 'too_many'> {
    if (this.list !== 'partial') return this.list;
    const levels = new Map<string, number>();
    for await (const page of this.index.allLevels(this.home)) {
      for (const [identifier, level] of page) levels.set(identifier, level);
      if (levels.size > this.limits.held) {
        this.list = 'too_many';
        return this.list;
      }
    }
    this.levels = levels;
    this.list = 'whole';
    return this.list;
  }
}
