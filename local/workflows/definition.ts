/**
 * A state machine's definition as the template has it, made ready for `aws-local-stepfunctions`. Each change works around
 * a difference between that library and Step Functions.
 */
import { readFileSync } from 'node:fs';
import type { TemplateResource } from '../assembly/assembly.ts';
import type { StackModel } from '../assembly/stack-model.ts';

type Json = Record<string, unknown>;

export interface TaskState {
  name: string;
  resource: string;
}

export interface Workflow {
  name: string;
  arn: string;
  definition: Json;
  tasks: TaskState[];
}

interface StateMachineProperties {
  DefinitionString?: string;
  Definition?: Json;
  DefinitionS3Location?: { Key: string };
  DefinitionSubstitutions?: Record<string, string>;
}

/** The context object's `Execution`, under a name that the library leaves alone: it replaces `Execution` inside Map and Parallel. */
export const EXECUTION_CONTEXT = 'RunningExecution';

export function readWorkflow(stack: StackModel, resource: TemplateResource, warn: (message: string) => void): Workflow {
  const { RoleArn: _role, LoggingConfiguration: _logging, ...relevant } = resource.properties;
  const properties = stack.resolve<StateMachineProperties>(relevant);
  const text = definitionText(stack, resource.logicalId, properties);
  const substituted = text.replace(/\$\{([A-Za-z0-9_]+)\}/g, (whole, name: string) => {
    const value = properties.DefinitionSubstitutions?.[name];
    // The text stands inside a JSON string.
    return value === undefined ? whole : JSON.stringify(String(value)).slice(1, -1);
  });
  const definition = adapt(JSON.parse(substituted.replaceAll('$$.Execution', `$$$$.${EXECUTION_CONTEXT}`))) as Json;
  const tasks: TaskState[] = [];
  visitStates(definition, (name, state) => {
    if (state.Type === 'Task') tasks.push({ name, resource: String(state.Resource) });
    for (const unsupported of ['ItemReader', 'ResultWriter', 'ItemBatcher', 'Arguments', 'Assign']) {
      if (unsupported in state)
        warn(`${resource.logicalId}: ${unsupported} of the state "${name}" has no effect here.`);
    }
  });
  return {
    name: stack.nameOf(resource.logicalId),
    arn: stack.resolve<string>({ Ref: resource.logicalId }),
    definition,
    tasks,
  };
}

function definitionText(stack: StackModel, logicalId: string, properties: StateMachineProperties): string {
  if (properties.DefinitionString) return properties.DefinitionString;
  if (properties.Definition) return JSON.stringify(properties.Definition);
  const path = properties.DefinitionS3Location && stack.assetPath(properties.DefinitionS3Location.Key);
  if (!path)
    throw new Error(`The definition of the state machine ${logicalId} is not in the assembly. Synthesize again.`);
  return readFileSync(path, 'utf8');
}

/** Visits every state, also those inside Map and Parallel. */
function visitStates(machine: Json, visit: (name: string, state: Json) => void): void {
  for (const [name, state] of Object.entries((machine.States ?? {}) as Record<string, Json>)) {
    visit(name, state);
    const nested = [state.ItemProcessor, state.Iterator, ...((state.Branches as Json[] | undefined) ?? [])];
    for (const inner of nested) if (inner) visitStates(inner as Json, visit);
  }
}

function adapt(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(adapt);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value)
    // The library writes a result path of `$` into a property of that name, in place of replacing everything.
    .filter(([key, item]) => !(key === 'ResultPath' && item === '$'))
    .map(([key, item]) => [key, adapt(item)] as const);
  return withoutNegativeTests(Object.fromEntries(entries));
}

/** `IsPresent: false` and its like never match in the library; `Not` of the positive test does. */
function withoutNegativeTests(object: Json): Json {
  const test = Object.keys(object).find((key) => /^Is[A-Z]/.test(key) && object[key] === false);
  if (!test || !('Variable' in object)) return object;
  const { Next, Comment: _comment, ...condition } = object;
  return { Not: { ...condition, [test]: true }, ...(Next === undefined ? {} : { Next }) };
}
