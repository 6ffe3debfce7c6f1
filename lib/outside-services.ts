import { hash } from 'node:crypto';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { OutsideServices, SecretReference } from '../lambdas/model/service-configuration.ts';
import { acknowledge } from './acknowledge.ts';

/** Beside the bundle: where a function that calls services outside finds their configuration. */
const servicesFile = 'services.json';

/**
 * A function's bundle with the stage's services beside it. An environment variable would end at 4 KB. The directory is
 * named after the services, so that stages that are synthesized side by side do not share one.
 */
export function codeWithServices(bundle: string, services: OutsideServices): lambda.Code {
  const configuration = JSON.stringify(services);
  const directory = `${bundle}.${hash('sha256', configuration).slice(0, 16)}`;
  mkdirSync(directory, { recursive: true });
  copyFileSync(join(bundle, 'index.mjs'), join(directory, 'index.mjs'));
  writeFileSync(join(directory, servicesFile), configuration);
  return lambda.Code.fromAsset(directory);
}

/** Lets a function read the secrets that the services name, and no others. */
export function allowServiceSecrets(reader: lambda.IFunction & Construct, services: OutsideServices): void {
  for (const secret of secretsOf(services)) {
    const isArn = secret.startsWith('arn:');
    // Secrets Manager adds six characters of its own to the name.
    const resource = `secret:${secret}-??????`;
    const { partition, region, account } = Stack.of(reader);
    iam.Grant.addToPrincipal({
      grantee: reader,
      actions: ['secretsmanager:GetSecretValue'],
      resourceArns: [isArn ? secret : `arn:${partition}:secretsmanager:${region}:${account}:${resource}`],
    });
    if (isArn) continue;
    acknowledge(
      reader.role as iam.Role,
      `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:${resource}]`,
      'The question marks are the six characters that Secrets Manager adds to the name of a secret.',
    );
  }
}

/** The ARNs or names of all secrets in the configuration. */
function secretsOf(services: OutsideServices): Set<string> {
  const found = new Set<string>();
  const look = (value: unknown): void => {
    if (value === null || typeof value !== 'object') return;
    const { secret } = value as Partial<SecretReference>;
    if (typeof secret === 'string') found.add(secret);
    for (const part of Object.values(value)) look(part);
  };
  for (const { auth, secrets } of services.services) look([auth, Object.values(secrets)]);
  return found;
}
