import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import type { FunctionName } from '../../lambdas/model/environments.ts';
import { synthesize } from '../lib/synthesize.ts';

/** What the steps are handed, all of them together. */
export interface StepInput {
  readonly accountId: string;
  readonly actionId: string;
  readonly run: number;
  readonly chunk: string;
  readonly mode: string;
  readonly level: number;
  readonly identified: readonly unknown[];
  readonly settled: readonly unknown[];
  readonly error: { readonly Error: string; readonly Cause?: string };
  readonly abandon?: boolean;
  readonly cycle: number;
  readonly list: unknown;
  readonly progress: { readonly from: number };
}

/** What an execution is started with. */
type Input = Parameters<StateMachine['run']>[0];

/** The machines of the stack, by the names of their files. */
export type MachineName = 'bulk-action' | 'boundary-mapping' | 'undo-action';
/** What a task calls: a function, or another machine. */
export type Called = FunctionName | MachineName;

/** Answers instead of what a task calls; `call` counts its calls from 1. */
export type Answer = (input: StepInput, call: number) => unknown;
export type Answers = Partial<Record<Called, Answer>>;

export interface Call {
  readonly called: Called;
  readonly state: string;
  readonly input: StepInput;
}

export interface Run {
  readonly failure?: Error;
  readonly calls: readonly Call[];
  /** States in the order in which they were entered, without those inside Maps. */
  readonly path: readonly string[];
  /** Events that Step Functions itself would have written into the execution's history. */
  readonly historyEvents: number;
  /** Bytes of the largest input or output of a state. */
  readonly largestPayload: number;
}

interface State {
  readonly Type: string;
  readonly Comment?: string;
  readonly Resource?: string;
  readonly Parameters?: { readonly StateMachineArn?: string };
  readonly Retry?: unknown;
  readonly ItemProcessor?: Machine;
}
interface Machine {
  readonly States: Readonly<Record<string, State>>;
}

/** Events of Step Functions that the interpreter does not have: Lambda's three a task, the Map's own two. */
const furtherEvents: Readonly<Record<string, number>> = { Task: 3, Map: 2 };

/** A state machine as the stack deploys it, run by an interpreter on this machine, without waiting. */
export class LocalMachine {
  readonly definition: StateMachineDefinition;
  /** All states by name, also those inside Maps. */
  readonly states: ReadonlyMap<string, State>;
  private readonly topLevel: Machine['States'];

  private constructor(definition: StateMachineDefinition & Machine) {
    this.definition = definition;
    this.topLevel = definition.States;
    this.states = new Map(statesOf(definition));
  }

  /** Synthesizes the stack and takes the machine from its template, each function with a made-up ARN. */
  static async load(name: string, settings: Record<string, unknown> = {}): Promise<LocalMachine> {
    const machines = (await synthesize('dev', settings)).findResources('AWS::StepFunctions::StateMachine');
    const machine = Object.values(machines).find(({ Properties }) => Properties.StateMachineName.endsWith(name));
    const { DefinitionString, DefinitionSubstitutions } = machine?.Properties ?? {};
    const definition = JSON.parse(DefinitionString, (_, value) => {
      const placeholder = typeof value === 'string' ? /^\$\{(\w+)\}$/.exec(value)?.[1] : undefined;
      if (placeholder === undefined || !(placeholder in DefinitionSubstitutions)) return value;
      return `arn:aws:lambda:eu-west-1:123456789012:function:${kebabCase(placeholder)}`;
    });
    return new LocalMachine(definition);
  }

  async run(answers: Answers, input: Input = { accountId: 'acme', actionId: 'a-1', run: 0 }): Promise<Run> {
    const calls: Call[] = [];
    const execution = new StateMachine(this.definition).run(input, {
      overrides: {
        taskResourceLocalHandlers: this.handlers(answers, calls),
        waitTimeOverrides: this.everywhere('Wait'),
        retryIntervalOverrides: this.everywhere('Task'),
      },
      context: { Execution: { Id: 'arn:aws:states:eu-west-1:123456789012:execution:machine:run', Input: input } },
    });
    const ended = execution.result.then(
      () => ({}),
      (failure: Error) => ({ failure }),
    );
    const path: string[] = [];
    let historyEvents = 0;
    let largestPayload = 0;
    for await (const event of execution.eventLogs) {
      historyEvents += 1;
      if (event.type !== 'StateEntered' && event.type !== 'StateExited') continue;
      largestPayload = Math.max(largestPayload, bytesOf(event.state.input), bytesOf(event.state.output));
      if (event.type === 'StateExited') continue;
      historyEvents += furtherEvents[event.state.type] ?? 0;
      if (event.state.name in this.topLevel) path.push(event.state.name);
    }
    return { ...(await ended), calls, path, historyEvents, largestPayload };
  }

  /** No time for any state of a type. */
  private everywhere(type: string): Record<string, number> {
    return Object.fromEntries([...this.states].filter(([, state]) => state.Type === type).map(([name]) => [name, 0]));
  }

  private handlers(answers: Answers, calls: Call[]) {
    const counts = new Map<Called, number>();
    const handler = (called: Called, state: string) => async (input: unknown) => {
      const call = (counts.get(called) ?? 0) + 1;
      counts.set(called, call);
      calls.push({ called, state, input: input as StepInput });
      return JSON.parse(JSON.stringify((await answers[called]?.(input as StepInput, call)) ?? {}));
    };
    const tasks = [...this.states].filter(([, { Type }]) => Type === 'Task');
    return Object.fromEntries(tasks.map(([name, state]) => [name, handler(calledBy(state), name)]));
  }
}

function* statesOf(machine: Machine): Generator<[string, State]> {
  for (const [name, state] of Object.entries(machine.States)) {
    yield [name, state];
    if (state.ItemProcessor) yield* statesOf(state.ItemProcessor);
  }
}

function calledBy({ Resource = '', Parameters }: State): Called {
  const arn = Resource.startsWith('arn:aws:states:::states:startExecution') ? Parameters?.StateMachineArn : Resource;
  return String(arn).split(':').at(-1) as Called;
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}

function kebabCase(pascal: string): string {
  return pascal.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase();
}
