import type { TableDescription } from '@aws-sdk/client-dynamodb';
import { concurrently } from '../../lambdas/store/concurrently.ts';
import { startDynoxide } from '../../local/emulators/dynoxide.ts';
import type { AwsRequest, Interception } from '../../local/faults/aws-interceptor.ts';
import { choosePorts } from '../../local/state/ports.ts';
import { callsAtATime, RawClient } from './raw-client.ts';
import { type BenchStack, startBenchStack } from './stack.ts';
import { createTables, tablesOf } from './tables.ts';

/** Where a stack's tables are. */
export interface TablesPlace {
  readonly endpoint: string;
  /** The stack's outputs, which name them. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** What is there before a run, and not timed: what the stack itself does, and what is put into its tables directly. */
export interface Before {
  readonly prepare?: (stack: BenchStack) => Promise<void>;
  readonly seed?: (place: TablesPlace) => Promise<void>;
}

/** A run to record. It may call `nextPart` where another part of it begins whose writes are of another kind. */
export type RecordedRun = (stack: BenchStack, nextPart: () => void) => Promise<void>;

/** How many writes there are, and how many of them the emulator takes a second. */
export interface Pace {
  readonly writes: number;
  readonly perSecond: number;
}

/** Of all that was recorded, and of each part. */
export interface Ceiling {
  readonly all: Pace;
  readonly parts: readonly Pace[];
}

/** The bulk writes of a run, as they went to DynamoDB: bodies of BatchExecuteStatement, in order. */
interface Recording {
  readonly place: Omit<TablesPlace, 'endpoint'>;
  readonly tables: readonly TableDescription[];
  /** What prepared the run; not timed when it is played. */
  readonly before: readonly string[];
  readonly parts: readonly (readonly string[])[];
}

/** What was measured, and the ceiling meanwhile. */
export interface Measured<Result> {
  readonly result: Result;
  readonly ceiling: Ceiling;
}

/**
 * Measures `work` against its ceiling: the very writes of another such run, sent raw to the same emulator, fresh and with
 * nothing else to do. The other run has to be as large, since a write costs more in a larger table. The ceiling is taken
 * before and after the work, since a machine's pace may change within minutes, and is the mean of both.
 */
export async function measureUnderCeiling<Result>(
  { run, before = {} }: { readonly run: RecordedRun; readonly before?: Before },
  work: () => Promise<Result>,
): Promise<Measured<Result>> {
  const recording = await record(run, before);
  const first = await play(recording, before);
  const result = await work();
  const second = await play(recording, before);
  const parts = first.parts.map((part, index) => meanOf(part, second.parts[index] as Pace));
  return { result, ceiling: { all: meanOf(first.all, second.all), parts } };
}

function meanOf({ writes, perSecond }: Pace, other: Pace): Pace {
  return { writes, perSecond: (perSecond + other.perSecond) / 2 };
}

async function record(run: RecordedRun, { prepare, seed }: Before): Promise<Recording> {
  const parts: string[][] = [[]];
  const interceptor = ({ operation, body }: AwsRequest): Interception => {
    if (operation === 'BatchExecuteStatement') parts.at(-1)?.push(body);
    return 'pass';
  };
  const stack = await startBenchStack({ interceptor });
  try {
    const { outputs, endpoints } = stack.local;
    await seed?.({ endpoint: endpoints.dynamodb, outputs });
    await prepare?.(stack);
    const before = parts.at(0)?.splice(0) ?? [];
    await run(stack, () => void parts.push([]));
    return { place: { outputs }, tables: await tablesOf(endpoints.dynamodb), before, parts };
  } finally {
    await stack.stop();
  }
}

async function play({ place, tables, before, parts }: Recording, { seed }: Before): Promise<Ceiling> {
  const { dynamodb: port } = await choosePorts(0);
  const emulator = await startDynoxide({
    port,
    onExit: (reason) => {
      throw new Error(reason);
    },
  });
  using client = new RawClient(emulator.url);
  try {
    await createTables(emulator.url, tables);
    await seed?.({ endpoint: emulator.url, ...place });
    await playAll(client, before);
    const seconds: number[] = [];
    for (const part of parts) {
      const started = performance.now();
      await playAll(client, part);
      seconds.push((performance.now() - started) / 1000);
    }
    const writes = parts.map(writesOf);
    const paceOf = (count: number, taken: number) => ({ writes: count, perSecond: count / taken });
    return {
      all: paceOf(sum(writes), sum(seconds)),
      parts: writes.map((count, index) => paceOf(count, seconds[index] as number)),
    };
  } finally {
    await emulator.stop();
  }
}

function writesOf(bodies: readonly string[]): number {
  return sum(bodies.map((body) => (JSON.parse(body) as { Statements: unknown[] }).Statements.length));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

async function playAll(client: RawClient, bodies: readonly string[]): Promise<void> {
  await concurrently(bodies, callsAtATime, (body) => client.call('BatchExecuteStatement', body));
}
