import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { TestProject } from 'vitest/node';
import { output, resourcesOf, type StackAddress } from './stack-address.ts';

/**
 * Finds the stack that is under test: by `ROLLCALL_ENDPOINT` and `ROLLCALL_KEY`, else the one of `ROLLCALL_STAGE`
 * (`dev` by default) in the AWS account, or behind the endpoint, that the AWS SDK's own settings name.
 */
export default async function findStack(project: TestProject): Promise<void> {
  project.provide('stack', named() ?? (await deployed(`rollcall-${process.env.ROLLCALL_STAGE ?? 'dev'}`)));
}

function named(): StackAddress | undefined {
  const { ROLLCALL_ENDPOINT: endpoint, ROLLCALL_KEY: key } = process.env;
  return endpoint && key ? { endpoint: endpoint.replace(/\/$/, ''), key } : undefined;
}

async function deployed(stackName: string): Promise<StackAddress> {
  const { Stacks = [] } = await new CloudFormationClient().send(new DescribeStacksCommand({ StackName: stackName }));
  const outputs = Object.fromEntries(
    (Stacks[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
  );
  const secret = await new SecretsManagerClient().send(
    new GetSecretValueCommand({ SecretId: output(outputs, 'AdminKeySecretArn') }),
  );
  return {
    // Emulators serve the API below a name that not every resolver knows; then its address is said as well.
    endpoint: (process.env.ROLLCALL_ENDPOINT ?? output(outputs, 'ApiUrl')).replace(/\/$/, ''),
    key: secret.SecretString ?? '',
    resources: resourcesOf(outputs),
  };
}
