import type { MappingFigures, MappingRun, MappingType } from '../model/mapping.ts';
import type { ControlTable, ItemKey } from './control-table.ts';

interface Reference {
  readonly accountId: string;
  readonly referenceId: string;
}

/** Figures of one mapping type, as they were last counted. */
export interface CountedMappings extends MappingFigures {
  readonly type: MappingType;
}

const idle: MappingRun = { status: 'idle' };

/**
 * The mapping runs of references in the control table: PK `REFERENCE#account#reference`, SK `MAPPING`; beside it the
 * figures of each type, SK `MAPPING#type`.
 */
export class MappingRuns {
  private readonly control: ControlTable;

  constructor(control: ControlTable) {
    this.control = control;
  }

  async get(reference: Reference): Promise<MappingRun> {
    const item = await this.control.get<MappingRun & ItemKey & { holder?: string }>(runKey(reference));
    if (!item) return idle;
    const { pk, sk, holder, ...run } = item;
    return run;
  }

  /** ARN of the execution that has the reference's mapping now. */
  async holder(reference: Reference): Promise<string | undefined> {
    return (await this.control.get<{ holder?: string }>(runKey(reference)))?.holder;
  }

  /**
   * Takes the reference's mapping for an execution; taking it again is harmless. False when another one has it. `from`
   * takes it over from an execution that is known to have ended.
   */
  claim(reference: Reference, execution: string, from?: string): Promise<boolean> {
    return this.control.change(runKey(reference), {
      set: { status: 'running', execution, holder: execution, cycle: 0, updatedAt: new Date().toISOString() },
      when: { holder: from ?? { absentOr: execution } },
    });
  }

  /**
   * Takes the reference's mapping on behalf of an execution that was started just now, unless anything has happened since
   * it was `seen`: a short run may have been here and gone by now.
   */
  announce(
    reference: Reference,
    execution: string,
    seen: { readonly holder?: string | undefined; readonly execution?: string | undefined },
  ): Promise<boolean> {
    return this.control.change(runKey(reference), {
      set: { status: 'running', execution, holder: execution, cycle: 0, updatedAt: new Date().toISOString() },
      when: { holder: seen.holder, execution: seen.execution },
    });
  }

  /** Notes where the run is. */
  async note(reference: Reference, execution: string, cycle: number): Promise<void> {
    await this.control.change(runKey(reference), {
      set: { cycle, updatedAt: new Date().toISOString() },
      when: { holder: execution },
    });
  }

  /** Ends the run and gives the reference's mapping free. False when the execution did not have it any more. */
  end(reference: Reference, execution: string, status: 'completed' | 'failed'): Promise<boolean> {
    return this.control.change(runKey(reference), {
      set: { status, updatedAt: new Date().toISOString() },
      remove: ['holder'],
      when: { holder: execution },
    });
  }

  async saveFigures(reference: Reference, { type, ...figures }: CountedMappings): Promise<void> {
    const updatedAt = new Date().toISOString();
    await this.control.put({ pk: runKey(reference).pk, sk: figuresPrefix + type, ...figures, updatedAt });
  }

  /** The figures of all types that were ever counted. */
  async figures(reference: Reference): Promise<CountedMappings[]> {
    const found: CountedMappings[] = [];
    for await (const items of this.control.list<MappingFigures & ItemKey>(runKey(reference).pk, figuresPrefix)) {
      found.push(
        ...items.map(({ sk, toBeMapped, mapped, toBeDetached, detached, failed }) => ({
          type: sk.slice(figuresPrefix.length) as MappingType,
          toBeMapped,
          mapped,
          toBeDetached,
          detached,
          failed,
        })),
      );
    }
    return found;
  }
}

const figuresPrefix = 'MAPPING#';

function runKey({ accountId, referenceId }: Reference): ItemKey {
  return { pk: `REFERENCE#${accountId}#${referenceId}`, sk: 'MAPPING' };
}
