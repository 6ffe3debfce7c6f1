import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { pause } from './concurrently.ts';
import { type Change, type ControlTable, expressionsOf } from './control-table.ts';
import { actionRunning, type ProcessIdentity, processKey, type ReferenceStore } from './reference-store.ts';

/** A write of one item of the control table, without the table's name. */
type ItemWrite = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** Two transactions on one reference at the same moment cancel each other, and the SDK does not try them again. */
const claimAttempts = 5;
const claimPauseMs = 50;

/**
 * Writes an item and takes a reference and process, both or neither. False when the item's own condition does not hold.
 * @throws ProblemError `action_running` with the id of the action that has the reference.
 */
export async function writeClaiming(
  control: ControlTable,
  references: ReferenceStore,
  { write, identity, claim }: { write: ItemWrite; identity: ProcessIdentity; claim: Change },
): Promise<boolean> {
  const take: ItemWrite = { Update: { TableName: control.name, Key: processKey(identity), ...expressionsOf(claim) } };
  for (let attempt = 1; ; attempt++) {
    try {
      await control.client.send(new TransactWriteCommand({ TransactItems: [write, take] }));
      return true;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const [own, taken] = error.CancellationReasons ?? [];
      if (own?.Code === refused) return false;
      if (taken?.Code === refused) throw actionRunning(identity, await references.process(identity));
      if (!metAnother(error) || attempt === claimAttempts) throw error;
      await pause(Math.random() * claimPauseMs * attempt);
    }
  }
}

const refused = 'ConditionalCheckFailed';

function metAnother({ CancellationReasons = [] }: TransactionCanceledException): boolean {
  return CancellationReasons.some(({ Code }) => Code === 'TransactionConflict');
}
