/** The event histories of executions, for as long as this process runs. */
import type { StateMachine } from 'aws-local-stepfunctions';

type Log = ReturnType<StateMachine['run']>['eventLogs'] extends AsyncGenerator<infer Event> ? Event : never;

/** As `GetExecutionHistory` gives it, times in epoch seconds. */
export interface HistoryEvent {
  id: number;
  previousEventId: number;
  timestamp: number;
  type: string;
  [details: string]: unknown;
}

/** Step Functions' own limit of one execution. */
const EVENT_LIMIT = 25_000;

/** Histories beyond this number go, the oldest first. */
const HISTORY_LIMIT = 200;

export function createHistories() {
  const histories = new Map<string, HistoryEvent[]>();
  return {
    record(arn: string, logs: AsyncGenerator<Log>): void {
      const events: HistoryEvent[] = [];
      histories.set(arn, events);
      const [oldest] = histories.keys();
      if (histories.size > HISTORY_LIMIT && oldest) histories.delete(oldest);
      void follow(logs, events);
    },
    of: (arn: string): HistoryEvent[] => histories.get(arn) ?? [],
  };
}

async function follow(logs: AsyncGenerator<Log>, events: HistoryEvent[]): Promise<void> {
  for await (const log of logs) {
    if (events.length >= EVENT_LIMIT) continue;
    const id = events.length + 1;
    events.push({ id, previousEventId: id - 1, timestamp: log.timestamp / 1000, ...details(log) });
  }
}

function details(log: Log): { type: string; [details: string]: unknown } {
  switch (log.type) {
    case 'StateEntered':
      return {
        type: `${log.state.type}StateEntered`,
        stateEnteredEventDetails: { name: log.state.name, input: JSON.stringify(log.state.input) },
      };
    case 'StateExited':
      return {
        type: `${log.state.type}StateExited`,
        stateExitedEventDetails: { name: log.state.name, output: JSON.stringify(log.state.output) },
      };
    case 'StateFailed':
      return { type: 'TaskFailed', taskFailedEventDetails: { error: log.Error, cause: String(log.Cause) } };
    case 'ExecutionFailed':
      return { type: log.type, executionFailedEventDetails: { error: log.Error, cause: String(log.Cause) } };
    case 'ExecutionStarted':
      return { type: log.type, executionStartedEventDetails: { input: JSON.stringify(log.input) } };
    case 'ExecutionSucceeded':
      return { type: log.type, executionSucceededEventDetails: { output: JSON.stringify(log.output) } };
    default:
      return { type: log.type };
  }
}
