/**
 * Step Functions: starts, runs, stops and lists executions. Each is written down when it starts and when it ends; what was
 * running when the process was killed is run again from its beginning, with the same name and input.
 */
import { randomUUID } from 'node:crypto';
import { ExecutionTimeoutError, StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import type { EventBus } from '../events/event-bus.ts';
import type { Journal } from '../state/journal.ts';
import { EXECUTION_CONTEXT, type Workflow } from './definition.ts';
import type { Execution, ExecutionStatus, StartRequest } from './execution.ts';
import { createHistories, type HistoryEvent } from './history.ts';
import { type TaskServices, taskResource } from './task-resources.ts';

export interface Executions {
  /** @throws WorkflowError */
  start(request: StartRequest): Execution;
  find(arn: string): Execution | undefined;
  ended(execution: Execution): Promise<Execution>;
  /** @throws WorkflowError when there is no such execution */
  stop(arn: string, error?: string, cause?: string): Execution;
  list(stateMachineArn: string, status?: string): Execution[];
  history(arn: string): HistoryEvent[];
  workflows: Workflow[];
  /** Runs again what a former process left running. */
  resume(): void;
  readonly running: number;
  /** Ends the runs but leaves them written down as running, for the next start. */
  suspend(): void;
}

/** An error by the code that the Step Functions API gives it. */
export class WorkflowError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'WorkflowError';
    this.code = code;
  }
}

type Services = Omit<TaskServices, 'start' | 'ended'>;

interface Run {
  abort(): void;
  done: Promise<Execution>;
}

interface Ending {
  status: ExecutionStatus;
  output?: string;
  error?: string;
  cause?: string;
}

export function createExecutions(
  workflows: Workflow[],
  services: Services,
  journal: Journal,
  bus: EventBus,
): Executions {
  const { database } = journal;
  database.exec(`
    CREATE TABLE IF NOT EXISTS executions (
      arn TEXT PRIMARY KEY, name TEXT NOT NULL, stateMachineArn TEXT NOT NULL, input TEXT NOT NULL, status TEXT NOT NULL,
      startedAt INTEGER NOT NULL, stoppedAt INTEGER, output TEXT, error TEXT, cause TEXT, parentArn TEXT, named INTEGER NOT NULL);
    CREATE INDEX IF NOT EXISTS executions_by_machine ON executions (stateMachineArn, startedAt);
    CREATE INDEX IF NOT EXISTS executions_by_status ON executions (status);
  `);
  const insert = database.prepare(
    'INSERT INTO executions (arn, name, stateMachineArn, input, status, startedAt, parentArn, named) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const update = database.prepare(
    'UPDATE executions SET status = ?, stoppedAt = ?, output = ?, error = ?, cause = ? WHERE arn = ?',
  );
  const select = database.prepare('SELECT * FROM executions WHERE arn = ?');
  const selectByMachine = database.prepare(
    'SELECT * FROM executions WHERE stateMachineArn = ? ORDER BY startedAt DESC LIMIT 1000',
  );
  // Read before this run adds its own.
  const leftBehind = database.prepare("SELECT * FROM executions WHERE status = 'RUNNING' ORDER BY startedAt").all();
  const runs = new Map<string, Run>();
  const endings = new Map<string, Ending>();
  const histories = createHistories();
  const taskServices: TaskServices = { ...services, start, ended };
  const machines = new Map(workflows.map((workflow) => [workflow.arn, prepare(workflow)]));
  let suspended = false;

  function prepare(workflow: Workflow) {
    return {
      workflow,
      // The synthesized definition is validated by the stack's own tests; here that would only cost start-up time.
      machine: new StateMachine(workflow.definition as unknown as StateMachineDefinition, {
        validationOptions: { noValidate: true },
      }),
      tasks: workflow.tasks.map(({ name, resource }) => ({ name, perform: taskResource(resource, taskServices) })),
    };
  }

  function find(arn: string): Execution | undefined {
    const row = select.get(arn);
    return row ? toExecution(row) : undefined;
  }

  function start({ stateMachineArn, input, name, parentArn, adoptEnded }: StartRequest): Execution {
    const machine = machines.get(stateMachineArn);
    if (!machine)
      throw new WorkflowError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${stateMachineArn}'`);
    assertJson(input);
    assertName(name);
    const executionName = name ?? randomUUID();
    const arn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${executionName}`;
    const existing = find(arn);
    if (existing) {
      const same = existing.input === input;
      if (same && (existing.status === 'RUNNING' || adoptEnded)) return existing;
      throw new WorkflowError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    }
    const execution: Execution = {
      arn,
      name: executionName,
      stateMachineArn,
      input,
      status: 'RUNNING',
      startedAt: Date.now(),
    };
    journal.together(() => {
      insert.run(
        arn,
        executionName,
        stateMachineArn,
        input,
        'RUNNING',
        execution.startedAt,
        parentArn ?? null,
        name ? 1 : 0,
      );
      announce(execution);
    });
    run(execution, false);
    return execution;
  }

  function run(execution: Execution, replayed: boolean): void {
    const { machine, workflow, tasks } = machines.get(execution.stateMachineArn) as ReturnType<typeof prepare>;
    const handlers = Object.fromEntries(
      tasks.map(({ name, perform }) => [name, (input: unknown) => perform(input, { arn: execution.arn, replayed })]),
    );
    const { result, abort, eventLogs } = machine.run(JSON.parse(execution.input), {
      overrides: { taskResourceLocalHandlers: handlers as never },
      context: contextObject(execution, workflow),
      noThrowOnAbort: true,
    });
    histories.record(execution.arn, eventLogs);
    const done = result
      .then((output): Ending => ({ status: 'SUCCEEDED', output: JSON.stringify(output) ?? 'null' }), failure)
      .then((ending) => finish(execution, endings.get(execution.arn) ?? ending));
    runs.set(execution.arn, { abort, done });
  }

  function finish(execution: Execution, ending: Ending): Execution {
    endings.delete(execution.arn);
    runs.delete(execution.arn);
    const ended: Execution = { ...execution, ...ending, stoppedAt: Date.now() };
    if (suspended) return ended;
    const { status, stoppedAt, output, error, cause, arn } = ended;
    journal.together(() => {
      update.run(status, stoppedAt ?? null, output ?? null, error ?? null, cause ?? null, arn);
      announce(ended);
    });
    return ended;
  }

  async function ended(execution: Execution): Promise<Execution> {
    return runs.get(execution.arn)?.done ?? (find(execution.arn) as Execution);
  }

  function announce(execution: Execution): void {
    bus.put({
      source: 'aws.states',
      detailType: 'Step Functions Execution Status Change',
      resources: [execution.arn],
      detail: {
        executionArn: execution.arn,
        stateMachineArn: execution.stateMachineArn,
        name: execution.name,
        status: execution.status,
        startDate: execution.startedAt,
        stopDate: execution.stoppedAt ?? null,
        input: execution.input,
        inputDetails: { included: true },
        output: execution.output ?? null,
        outputDetails: { included: true },
        error: execution.error ?? null,
        cause: execution.cause ?? null,
      },
    });
  }

  /** A child without a name of its own is started anew by its parent, which runs again itself. */
  function isSuperseded(row: Record<string, unknown>): boolean {
    return !row.named && typeof row.parentArn === 'string' && find(row.parentArn)?.status === 'RUNNING';
  }

  return {
    start,
    find,
    ended,
    stop(arn, error, cause) {
      const execution = find(arn);
      if (!execution) throw new WorkflowError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
      if (execution.status !== 'RUNNING') return execution;
      endings.set(arn, { status: 'ABORTED', error, cause });
      runs.get(arn)?.abort();
      return { ...execution, status: 'ABORTED', stoppedAt: Date.now() };
    },
    list: (stateMachineArn, status) =>
      selectByMachine
        .all(stateMachineArn)
        .map(toExecution)
        .filter((execution) => !status || execution.status === status),
    history: (arn) => histories.of(arn),
    workflows,
    resume() {
      for (const row of leftBehind.splice(0)) {
        const execution = toExecution(row);
        if (!machines.has(execution.stateMachineArn)) continue;
        if (isSuperseded(row))
          finish(execution, { status: 'ABORTED', error: 'Local.Restarted', cause: 'Its parent runs again.' });
        else run(execution, true);
      }
    },
    get running() {
      return runs.size;
    },
    suspend() {
      suspended = true;
      for (const { abort } of runs.values()) abort();
    },
  };
}

function contextObject(execution: Execution, { name, arn }: Workflow) {
  const details = {
    Id: execution.arn,
    Name: execution.name,
    Input: JSON.parse(execution.input),
    StartTime: new Date(execution.startedAt).toISOString(),
    RoleArn: 'arn:aws:iam::000000000000:role/local',
  };
  return { Execution: details, [EXECUTION_CONTEXT]: details, StateMachine: { Id: arn, Name: name } };
}

function failure(thrown: Error): Ending {
  if (thrown instanceof ExecutionTimeoutError) return { status: 'TIMED_OUT', error: 'States.Timeout' };
  const error = (thrown.cause as Error | undefined) ?? thrown;
  return { status: 'FAILED', error: error.name, cause: error.message };
}

function assertJson(input: string): void {
  try {
    JSON.parse(input);
  } catch (error) {
    throw new WorkflowError(
      'InvalidExecutionInput',
      `Invalid State Machine Execution Input: ${(error as Error).message}`,
    );
  }
}

function assertName(name?: string): void {
  if (name !== undefined && !/^[A-Za-z0-9_+!@.()=-]{1,80}$/.test(name)) {
    throw new WorkflowError('InvalidName', `Invalid Name: '${name}'`);
  }
}

function toExecution(row: Record<string, unknown>): Execution {
  const { parentArn: _parent, named: _named, ...rest } = row;
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null)) as unknown as Execution;
}
