/** Finds the stack's functions in the template, and what Lambda would add to their environment. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REGION } from '../assembly/aws-names.ts';
import type { StackModel } from '../assembly/stack-model.ts';
import { isNeeded } from '../deployment/known-types.ts';
import type { FunctionDefinition } from './function-host.ts';

interface FunctionProperties {
  Code: { S3Key?: string; ZipFile?: string };
  Handler?: string;
  Runtime?: string;
  Timeout?: number;
  MemorySize?: number;
  ReservedConcurrentExecutions?: number;
}

export interface ReadFunctionsOptions {
  /** Where code that stands in the template itself is written to. */
  inlineCodeDirectory: string;
  /** By function name or logical id, or `*` for all. */
  overrides: Record<string, Record<string, string>>;
  warn(message: string): void;
}

/** Lambda's own defaults. */
const DEFAULT_TIMEOUT_SECONDS = 3;
const DEFAULT_MEMORY_MEGABYTES = 128;

export function readFunctions(stack: StackModel, options: ReadFunctionsOptions): FunctionDefinition[] {
  const fedByQueue = functionsOfQueues(stack);
  return stack.ofType('AWS::Lambda::Function').flatMap((resource): FunctionDefinition[] => {
    const name = stack.nameOf(resource.logicalId);
    const arn = stack.resolve<string>({ 'Fn::GetAtt': [resource.logicalId, 'Arn'] });
    const { Environment, ...rest } = resource.properties;
    const { Code, Handler, Runtime, ...limits } = stack.resolve<FunctionProperties>({
      ...rest,
      Role: undefined,
      Layers: undefined,
    });
    if (!Runtime?.startsWith('nodejs')) {
      if (isNeeded(stack, resource.logicalId))
        options.warn(
          `${resource.logicalId} is not run here: its runtime is ${Runtime ?? 'a container image'}, and only Node.js is.`,
        );
      return [];
    }
    const overrides = overridesOf(options.overrides, stack, resource.logicalId);
    return [
      {
        logicalId: resource.logicalId,
        name,
        arn,
        codeDirectory: codeDirectory(stack, name, Code, options.inlineCodeDirectory),
        handler: Handler ?? 'index.handler',
        variables: () => ({ ...variables(stack, Environment), ...overrides }),
        timeoutSeconds: limits.Timeout ?? DEFAULT_TIMEOUT_SECONDS,
        memoryMegabytes: limits.MemorySize ?? DEFAULT_MEMORY_MEGABYTES,
        reservedConcurrency: limits.ReservedConcurrentExecutions,
        yields: fedByQueue.has(name) || fedByQueue.has(arn),
      },
    ];
  });
}

/** Names or ARNs of the functions that event source mappings name. */
function functionsOfQueues(stack: StackModel): Set<string> {
  const mappings = stack.ofType('AWS::Lambda::EventSourceMapping');
  return new Set(mappings.map(({ properties }) => stack.resolve<string>(properties.FunctionName)));
}

function overridesOf(
  overrides: ReadFunctionsOptions['overrides'],
  stack: StackModel,
  logicalId: string,
): Record<string, string> {
  const applying = Object.entries(overrides).filter(
    ([key]) => key === '*' || key === stack.nameOf(logicalId) || stack.find(key)?.logicalId === logicalId,
  );
  return Object.assign({}, ...applying.map(([, variables]) => variables));
}

function variables(stack: StackModel, environment: unknown): Record<string, string> {
  const { Variables = {} } = stack.resolve<{ Variables?: Record<string, unknown> } | undefined>(environment) ?? {};
  return Object.fromEntries(Object.entries(Variables).map(([name, value]) => [name, String(value)]));
}

function codeDirectory(
  stack: StackModel,
  name: string,
  code: FunctionProperties['Code'],
  inlineCodeDirectory: string,
): string {
  if (code.ZipFile !== undefined) {
    const directory = join(inlineCodeDirectory, name);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'index.cjs'), code.ZipFile);
    return directory;
  }
  const path = code.S3Key && stack.assetPath(code.S3Key);
  if (!path)
    throw new Error(`The code of the function ${name} (asset ${code.S3Key}) is not in the assembly. Synthesize again.`);
  return path;
}

export interface ServiceEndpoints {
  dynamodb: string;
  s3: string;
  sqs: string;
  sns: string;
  control: string;
}

/** The variables that every function finds on Lambda, and the local endpoints as the AWS SDKs read them. */
export function lambdaEnvironment(
  definition: FunctionDefinition,
  accessKeyId: string,
  endpoints: ServiceEndpoints,
): Record<string, string> {
  const { PATH = '', HOME = '', TMPDIR } = process.env;
  return {
    PATH,
    HOME,
    ...(TMPDIR ? { TMPDIR } : {}),
    TZ: ':UTC',
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: definition.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMegabytes),
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${definition.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    LAMBDA_TASK_ROOT: definition.codeDirectory,
    _HANDLER: definition.handler,
    // There is no X-Ray daemon here to send segments to.
    POWERTOOLS_TRACE_ENABLED: 'false',
    AWS_XRAY_CONTEXT_MISSING: 'IGNORE_ERROR',
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_S3: endpoints.s3,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_SNS: endpoints.sns,
    AWS_ENDPOINT_URL_SFN: endpoints.control,
    AWS_ENDPOINT_URL_EVENTBRIDGE: endpoints.control,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.control,
    AWS_ENDPOINT_URL_LAMBDA: endpoints.control,
    AWS_ENDPOINT_URL_SCHEDULER: endpoints.control,
    AWS_ENDPOINT_URL_STS: endpoints.control,
  };
}
