import type {
  AttributeValue,
  BatchExecuteStatementCommandOutput,
  BatchStatementError,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { defaultBulkWriteCalls, type WriteBounds } from '../model/write-bounds.ts';
import { callInBulk } from './bulk-calls.ts';
import { concurrently, pause, pieces } from './concurrently.ts';
import { Places } from './places.ts';

/** A PartiQL statement with its parameters. */
export interface Statement {
  readonly Statement: string;
  readonly Parameters: AttributeValue[];
}

/** `applied`, or the condition that stood against it: the item exists (INSERT), or is not as demanded (UPDATE, DELETE). */
export type StatementOutcome = 'applied' | 'duplicate' | 'refused';

/** BatchExecuteStatement takes 25 statements. */
const statementsACall = 25;
/** The calls that this process has under way, of all who write. `BULK_WRITE_CALLS` is checked with the function's environment. */
const places = new Places(Number(process.env.BULK_WRITE_CALLS ?? defaultBulkWriteCalls));
const maxRounds = 8;

const retriable = new Set([
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
  'RequestLimitExceeded',
  'InternalServerError',
  'TransactionConflict',
]);

/** A statement failed for a reason that trying again will not mend. */
export class StatementError extends Error {
  override readonly name = 'StatementError';
}

/**
 * Runs independent conditional writes, 25 a call, each with its own outcome. Throttled ones are tried again with
 * backoff and jitter. An SDK retry may meet its own first attempt: callers must take `duplicate` and `refused` as
 * "look who was there", never as "somebody else". Within `bounds` no call is begun after `stop`, and none goes on after
 * `signal`: then it throws, and some of the writes have happened.
 */
export async function runStatements(
  client: DynamoDBClient,
  statements: readonly Statement[],
  bounds: WriteBounds = {},
): Promise<StatementOutcome[]> {
  const outcomes = await concurrently(pieces(statements, statementsACall), places.count, (piece) =>
    runPiece(client, piece, bounds),
  );
  return outcomes.flat();
}

async function runPiece(
  client: DynamoDBClient,
  statements: readonly Statement[],
  { stop, signal }: WriteBounds,
): Promise<StatementOutcome[]> {
  const outcomes = new Array<StatementOutcome>(statements.length);
  let open = statements.map((_, index) => index);
  for (let round = 0; open.length > 0; round++) {
    if (round > 0) await pauseBefore(round);
    const input = { Statements: open.map((index) => statements[index] as Statement) };
    const answer = await places.take(() => {
      stop?.throwIfAborted();
      return callInBulk<BatchExecuteStatementCommandOutput>(client, {
        operation: 'BatchExecuteStatement',
        input,
        ...(signal && { signal }),
      });
    });
    const throttled: number[] = [];
    open.forEach((index, position) => {
      const error = answer.Responses?.[position]?.Error;
      const outcome = outcomeOf(error);
      if (outcome === 'again') throttled.push(index);
      else outcomes[index] = outcome;
    });
    if (throttled.length > 0 && round === maxRounds) throw new StatementError('DynamoDB kept throttling the batch');
    open = throttled;
  }
  return outcomes;
}

function outcomeOf(error: BatchStatementError | undefined): StatementOutcome | 'again' {
  if (error === undefined) return 'applied';
  const code = (error.Code as string | undefined) ?? 'unknown';
  if (code === 'DuplicateItem') return 'duplicate';
  if (code === 'ConditionalCheckFailed') return 'refused';
  if (retriable.has(code)) return 'again';
  throw new StatementError(`DynamoDB refused a statement: ${code}: ${error.Message ?? ''}`);
}

/** 50 ms doubling to 3.2 s, with full jitter: some seven seconds in all. */
function pauseBefore(round: number): Promise<void> {
  return pause(Math.random() * 50 * 2 ** Math.min(round, 6));
}
