import { type BulkAction, runningStatuses, terminalStatuses } from '../model/action.ts';
import type { Undo, UndoStatus } from '../model/undo.ts';
import { actionKey, undoingPartition } from './action-store.ts';
import { type ControlTable, expressionsOf } from './control-table.ts';
import type { ReferenceStore } from './reference-store.ts';
import { writeClaiming } from './write-claiming.ts';

/** What people ask of an action while it is there: marks on its item, each set under the condition that makes it fair. */
export class ActionRequests {
  private readonly control: ControlTable;

  constructor(control: ControlTable) {
    this.control = control;
  }

  /** Marks the run as cancelled. False when it has ended, or somebody has done so before. */
  cancel({ accountId, actionId, run }: BulkAction): Promise<boolean> {
    const now = new Date().toISOString();
    return this.control.change(actionKey(accountId, actionId), {
      set: { cancelRequestedAt: now, updatedAt: now },
      when: { status: runningStatuses, run, cancelRequestedAt: undefined },
    });
  }

  /**
   * Begins an undoing of an ended action and takes its reference and process, both or neither. False when an undoing is
   * under way, or a run has begun.
   * @throws ProblemError `action_running` when somebody has the reference and process.
   */
  beginUndo(action: BulkAction, undo: Undo, references: ReferenceStore): Promise<boolean> {
    const { accountId, actionId, run, undo: before } = action;
    const begin = expressionsOf({
      set: {
        undo,
        undoing: undo.attempt,
        updatedAt: undo.startedAt,
        openpk: undoingPartition,
        opensk: `${undo.startedAt}#${actionId}`,
      },
      when: { status: terminalStatuses, run, undoing: undefined, undoAttempts: before?.attempt },
    });
    return writeClaiming(this.control, references, {
      write: { Update: { TableName: this.control.name, Key: actionKey(accountId, actionId), ...begin } },
      identity: action,
      claim: references.undoClaimChange(actionId, undo.attempt),
    });
  }

  /** Notes how far an undoing is. False when it has ended. */
  noteUndo({ accountId, actionId, undo }: BulkAction, figures: UndoFigures): Promise<boolean> {
    return this.control.change(actionKey(accountId, actionId), {
      set: { undo: { ...undo, ...figuresOf(figures) }, updatedAt: new Date().toISOString() },
      when: { undoing: undo?.attempt },
    });
  }

  /** Ends an undoing. False when it has ended before. */
  endUndo(
    { accountId, actionId, undo }: BulkAction,
    figures: UndoFigures,
    status: Exclude<UndoStatus, 'running'>,
  ): Promise<boolean> {
    const finishedAt = new Date().toISOString();
    return this.control.change(actionKey(accountId, actionId), {
      set: {
        undo: { ...undo, ...figuresOf(figures), status, finishedAt },
        undoAttempts: undo?.attempt,
        updatedAt: finishedAt,
      },
      remove: ['undoing', 'openpk', 'opensk'],
      when: { undoing: undo?.attempt },
    });
  }

  /** The action waits for its time no longer. Twice is once. */
  stopWaitingForStart({ accountId, actionId }: BulkAction): Promise<boolean> {
    return this.control.change(actionKey(accountId, actionId), {
      set: { updatedAt: new Date().toISOString() },
      remove: ['waitingFor'],
      when: { status: 'pending', waitingFor: 'start' },
    });
  }
}

type UndoFigures = Pick<Undo, 'deleted' | 'restored' | 'skipped'>;

function figuresOf({ deleted, restored, skipped }: UndoFigures): UndoFigures {
  return { deleted, restored, skipped };
}
