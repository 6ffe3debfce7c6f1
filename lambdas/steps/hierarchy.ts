import { hierarchyLevels } from '../model/hierarchy.ts';

/** A row on the way from a row back to itself. */
export interface CycleStep {
  readonly identifier: string;
  readonly rowNumber: number;
}

/** Why a row can't be placed: its parent does not exist, is the row itself, stands below it, or is too deep already. */
export type Misplacement =
  | { readonly kind: 'missing' | 'self' | 'too_deep' }
  /** `steps` are the first of the way from the row up to itself; it has `length` in all. */
  | { readonly kind: 'cycle'; readonly steps: readonly CycleStep[]; readonly length: number };

/** Where a row stands: roots have level 0, and every row a higher one than its parent. */
export type Place = { readonly level: number } | Misplacement;

const noParent = -1;
/** Levels of nodes that have none yet. */
const unplaced = -1;
const onTheWay = -2;
/** Steps of a circle that people are shown. */
const shownSteps = 20;

/**
 * The parents of a sheet's rows, in whatever order they come, and where each row stands when all have come. Nothing
 * recurses and each node is walked over once, so a chain of a million rows is as good as a bush of them. Takes some 150
 * bytes a row beside the identifiers themselves.
 */
export class Hierarchy {
  /** Nodes are numbered as they are first named, be it as a row or as the parent of one. */
  readonly #nodes = new Map<string, number>();
  readonly #identifiers: string[] = [];
  readonly #parents: number[] = [];
  /** 0 for a node that is no row to be created. */
  readonly #rowNumbers: number[] = [];
  readonly #mentioned = new Set<number>();
  #levels = new Int32Array();
  #cycleLengths = new Map<number, number>();

  /** Adds a row; `parent` is empty for a root. */
  add(identifier: string, parent: string, rowNumber: number): void {
    const node = this.#node(identifier);
    this.#rowNumbers[node] = rowNumber;
    this.#parents[node] = parent === '' ? noParent : this.#node(parent);
  }

  /** Notes a row that is not to be created: rows below it are told so by and by, but their parent is not missing. */
  mention(identifier: string): void {
    this.#mentioned.add(this.#node(identifier));
  }

  /** Parents that are no rows of the sheet, each once. */
  outside(): string[] {
    return this.#identifiers.filter((_, node) => this.#rowNumbers[node] === 0 && !this.#mentioned.has(node));
  }

  /** The identifiers of all rows, also of those not to be created. */
  rows(): string[] {
    return this.#identifiers.filter((_, node) => this.#rowNumbers[node] !== 0 || this.#mentioned.has(node));
  }

  /** Places all rows. `levelOf` knows the levels of what exists already; undefined for what does not. */
  place(levelOf: (identifier: string) => number | undefined): void {
    this.#levels = new Int32Array(this.#parents.length).fill(unplaced);
    this.#cycleLengths = new Map();
    this.#placeOutside(levelOf);
    const way: number[] = [];
    for (let node = 0; node < this.#parents.length; node++) {
      this.#climb(node, way);
      this.#descend(way);
    }
  }

  /** Where the row with this identifier stands. Throws for one that was not added and placed. */
  placeOf(identifier: string): Place {
    const level = this.levelOf(identifier);
    const node = this.#nodes.get(identifier) as number;
    const parent = this.#parents[node] as number;
    const length = this.#cycleLengths.get(node);
    if (parent === node) return { kind: 'self' };
    if (length !== undefined) return { kind: 'cycle', steps: this.#stepsFrom(node, length), length };
    if (parent !== noParent && this.#isMissing(parent)) return { kind: 'missing' };
    return level < hierarchyLevels ? { level } : { kind: 'too_deep' };
  }

  /** The row's level, whatever is wrong with its place: rows that hang on it have higher ones, but for a circle's. */
  levelOf(identifier: string): number {
    const level = this.#levels[this.#nodes.get(identifier) ?? -1];
    if (level === undefined) throw new Error('The row was not placed');
    return level;
  }

  #node(identifier: string): number {
    const known = this.#nodes.get(identifier);
    if (known !== undefined) return known;
    const node = this.#identifiers.length;
    this.#nodes.set(identifier, node);
    this.#identifiers.push(identifier);
    this.#parents.push(noParent);
    this.#rowNumbers.push(0);
    return node;
  }

  /** What is no row is where it is already; what does not exist, or will not, stands above all roots. */
  #placeOutside(levelOf: (identifier: string) => number | undefined): void {
    for (const [node, identifier] of this.#identifiers.entries()) {
      if (this.#rowNumbers[node] === 0) this.#levels[node] = levelOf(identifier) ?? unplaced;
    }
  }

  /** Notes the way from a node up to the first whose level is known, or to where it turns in a circle. */
  #climb(start: number, way: number[]): void {
    let node = start;
    while (node !== noParent && this.#levels[node] === unplaced && this.#rowNumbers[node] !== 0) {
      this.#levels[node] = onTheWay;
      way.push(node);
      node = this.#parents[node] as number;
    }
    if (node !== noParent && this.#levels[node] === onTheWay) this.#closeCycle(way, node);
  }

  /** Whoever stands in the circle has level 0; those who hang on it are counted from there. */
  #closeCycle(way: number[], entry: number): void {
    const cycle = way.splice(way.lastIndexOf(entry));
    for (const node of cycle) {
      this.#levels[node] = 0;
      if (cycle.length > 1) this.#cycleLengths.set(node, cycle.length);
    }
  }

  /** Goes the way back down: each node stands one level below its parent. */
  #descend(way: number[]): void {
    for (let node = way.pop(); node !== undefined; node = way.pop()) {
      const parent = this.#parents[node] as number;
      this.#levels[node] = parent === noParent ? 0 : (this.#levels[parent] as number) + 1;
    }
  }

  #isMissing(node: number): boolean {
    return this.#levels[node] === unplaced && !this.#mentioned.has(node);
  }

  #stepsFrom(start: number, length: number): CycleStep[] {
    const steps: CycleStep[] = [];
    for (let node = start; steps.length < Math.min(length, shownSteps); node = this.#parents[node] as number) {
      steps.push({ identifier: this.#identifiers[node] as string, rowNumber: this.#rowNumbers[node] as number });
    }
    return steps;
  }
}
