import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { EnvironmentInput, FunctionName } from '../lambdas/model/environments.ts';
import type { OutsideServices } from '../lambdas/model/service-configuration.ts';
import { acknowledge } from './acknowledge.ts';
import { functionSizes } from './function-sizes.ts';
import { logRetention } from './log-retention.ts';
import { allowServiceSecrets, codeWithServices } from './outside-services.ts';
import { metricsNamespace, serviceName } from './own-metrics.ts';
import { pascalCase } from './pascal-case.ts';
import type { Stage } from './stage.ts';

/** What every function is told by the construct itself. */
type CommonKey =
  | 'STAGE'
  | 'POWERTOOLS_SERVICE_NAME'
  | 'POWERTOOLS_METRICS_NAMESPACE'
  | 'LOG_LEVEL'
  | 'BULK_WRITE_CALLS';

export interface RollcallFunctionProps<Name extends FunctionName> {
  readonly stage: Stage;
  readonly name: Name;
  /** What the function's own schema asks for beyond what all functions have. */
  readonly environment: Omit<EnvironmentInput<Name>, CommonKey>;
  /** Bulk writes at a time, where the function has a number of its own. */
  readonly bulkWriteCalls?: number;
  /** For functions that call services outside: their configuration, and the right to read the secrets that it names. */
  readonly services?: OutsideServices;
}

/**
 * One of the functions: its bundle, its checked environment, a log group of its own and a role that may write nothing
 * but that log and its traces. Everything else is granted by whoever owns the thing.
 */
export class RollcallFunction<Name extends FunctionName> extends lambda.Function {
  readonly name: Name;

  constructor(scope: Construct, props: RollcallFunctionProps<Name>) {
    const { stage, name, environment, services, bulkWriteCalls = stage.settings.bulkWriteCalls } = props;
    const id = pascalCase(name);
    const { memory, timeout, nodeOptions } = functionSizes(stage.settings)[name];
    const functionName = `rollcall-${stage.name}-${name}`;
    const bundle = join(stage.bundles, name);
    const logGroup = new logs.LogGroup(scope, `${id}Logs`, {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: logRetention(stage.settings),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    super(scope, id, {
      functionName,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      code: services ? codeWithServices(bundle, services) : lambda.Code.fromAsset(bundle, { exclude: ['*.map'] }),
      handler: 'index.handler',
      memorySize: memory,
      timeout: Duration.seconds(timeout),
      // Without a role of its own Lambda's managed policy would come along, which may write every log group.
      role: new iam.Role(scope, `${id}Role`, { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') }),
      logGroup,
      tracing: lambda.Tracing.ACTIVE,
      environment: {
        STAGE: stage.name,
        POWERTOOLS_SERVICE_NAME: serviceName(stage),
        POWERTOOLS_METRICS_NAMESPACE: metricsNamespace,
        LOG_LEVEL: 'INFO',
        BULK_WRITE_CALLS: String(bulkWriteCalls),
        ...(nodeOptions !== undefined && { NODE_OPTIONS: nodeOptions }),
        ...environment,
      },
    });
    this.name = name;
    if (services) allowServiceSecrets(this, services);
    logGroup.grantWrite(this);
    acknowledge(
      this.role as iam.IRole,
      'AwsSolutions-IAM5[Resource::*]',
      'X-Ray has no resources to name: traces can only be written to all of them.',
    );
  }
}
