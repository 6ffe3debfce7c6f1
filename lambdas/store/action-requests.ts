import { type BulkAction, runningStatuses } from '../model/action.ts';
import { actionKey } from './action-store.ts';
import type { ControlTable } from './control-table.ts';

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

  /** The action waits for its time no longer. Twice is once. */
  stopWaitingForStart({ accountId, actionId }: BulkAction): Promise<boolean> {
    return this.control.change(actionKey(accountId, actionId), {
      set: { updatedAt: new Date().toISOString() },
      remove: ['waitingFor'],
      when: { status: 'pending', waitingFor: 'start' },
    });
  }
}
