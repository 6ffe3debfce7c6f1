import type { BulkAction, Counts } from '../model/action.ts';
import { ProblemError } from '../model/problem.ts';
import type { Change, ControlTable, ItemKey } from './control-table.ts';

/** One process of a reference: who runs, who ran, and whether all rows are settled. */
export interface ReferenceProcess {
  readonly processName: string;
  readonly runningActionId?: string;
  /** Which undoing of that action has it; absent when its run does. */
  readonly undoing?: number;
  readonly lastActionId?: string;
  /** False when an ended action left failed rows behind, or an action never ended properly. */
  readonly clean?: boolean;
  /** Counts of the action that ended last. */
  readonly counts?: Counts;
}

type ActionIdentity = Pick<BulkAction, 'accountId' | 'referenceId' | 'processName' | 'actionId'>;
/** What names a process of a reference. */
export type ProcessIdentity = Omit<ActionIdentity, 'actionId'>;

/** References in the control table: PK `REFERENCE#account#reference`, SK `PROCESS#processName`. */
export class ReferenceStore {
  private readonly control: ControlTable;

  constructor(control: ControlTable) {
    this.control = control;
  }

  /** The change that takes a reference and process for an action; once taken, taking it again is harmless. */
  claimChange(actionId: string): Change {
    return { set: { runningActionId: actionId }, when: { runningActionId: { absentOr: actionId } } };
  }

  /**
   * The change that takes a reference and process for an undoing when nobody has them, the action's own run included:
   * that has still to note what it left behind.
   */
  undoClaimChange(actionId: string, attempt: number): Change {
    return { set: { runningActionId: actionId, undoing: attempt }, when: { runningActionId: undefined } };
  }

  /** Takes the action's reference and process, for its run or for one of its undoings; false when another action has it. */
  claim(action: ActionIdentity, undoing?: number): Promise<boolean> {
    const { set, when } = this.claimChange(action.actionId);
    return this.control.change(processKey(action), { set: { ...set, undoing }, when });
  }

  /**
   * Gives the reference and process free, noting what the action left behind. `clean` says that no row is left
   * unsettled, so the next action need not look for any; absent, what was known before still holds. A dry run leaves
   * nothing, so all that was noted before stays. `undoing` names the undoing that had it; absent, it was the action's
   * run. False when that did not have it: a late end must not free what an undoing has taken since.
   */
  release(
    action: ActionIdentity & Pick<BulkAction, 'dryRun'>,
    left: { clean?: boolean; counts: Counts },
    undoing?: number,
  ): Promise<boolean> {
    return this.control.change(processKey(action), {
      ...(!action.dryRun && { set: { lastActionId: action.actionId, clean: left.clean, counts: left.counts } }),
      remove: ['runningActionId', 'undoing'],
      when: { runningActionId: action.actionId, undoing },
    });
  }

  async process(identity: ProcessIdentity): Promise<ReferenceProcess | undefined> {
    const item = await this.control.get<ReferenceProcess & ItemKey>(processKey(identity));
    return item && { ...item, processName: identity.processName };
  }

  /** All processes of a reference, or a 404 where no action of the account has ever named it. */
  async existing(accountId: string, referenceId: string): Promise<ReferenceProcess[]> {
    const processes = await this.processes(accountId, referenceId);
    if (processes.length > 0) return processes;
    throw new ProblemError('not_found', `There is no reference ${referenceId}.`);
  }

  /** All processes of a reference. */
  async processes(accountId: string, referenceId: string): Promise<ReferenceProcess[]> {
    const found: ReferenceProcess[] = [];
    const prefix = 'PROCESS#';
    for await (const items of this.control.list<ReferenceProcess & ItemKey>(
      referencePartition(accountId, referenceId),
      prefix,
    )) {
      found.push(...items.map((item) => ({ ...item, processName: item.sk.slice(prefix.length) })));
    }
    return found;
  }
}

/** The problem of whoever needs a reference and process that somebody has: names that action, and what it is at. */
export function actionRunning(identity: ProcessIdentity, holder: Partial<ReferenceProcess> = {}): ProblemError {
  const { runningActionId: actionId, undoing } = holder;
  const action = `Action ${actionId} of reference ${identity.referenceId} and process ${identity.processName}`;
  const detail =
    undoing === undefined
      ? `${action} has not ended. Wait for it, or cancel it.`
      : `${action} is being undone. Wait until that has ended.`;
  return new ProblemError('action_running', detail, { actionId });
}

/** Where a reference's process is kept. */
export function processKey(identity: ProcessIdentity): ItemKey {
  return { pk: referencePartition(identity.accountId, identity.referenceId), sk: `PROCESS#${identity.processName}` };
}

function referencePartition(accountId: string, referenceId: string): string {
  return `REFERENCE#${accountId}#${referenceId}`;
}
