import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { beforeAll, describe, expect, it } from 'vitest';
import { restProfile } from '../../lambdas/entities/http/rest-profile.ts';
import { makeApp, type TestApp } from './synthesize.ts';
import { functionsOf, permissionsOf, readable, resourceOf, resourcesOf } from './template.ts';

const secretArn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:agency/key-AbCdEf';
const services = {
  services: [
    restProfile({
      name: 'depot',
      baseUrl: 'https://depot.example.org',
      auth: { kind: 'secret', token: { secret: 'depot/key' }, header: { name: 'x-api-key' } },
      entities: { path: '/facilities' },
      boundaries: { path: '/places' },
    }),
    restProfile({
      name: 'agency',
      baseUrl: 'https://agency.example.org',
      auth: {
        kind: 'oauth2',
        tokenUrl: 'https://agency.example.org/token',
        clientId: 'rollcall',
        clientSecret: { secret: secretArn, field: 'secret' },
      },
      entities: { path: '/people' },
    }),
  ],
  processes: {
    facilityCreation: { entities: 'depot', boundaries: 'depot' },
    userCreation: { entities: 'agency' },
  },
};

let made: TestApp;
let template: Template;
beforeAll(async () => {
  made = await makeApp('production', {
    services,
    outsideDeliveries: 7,
    outsideTimeoutSeconds: 30,
    outsideConcurrency: 3,
  });
  template = Template.fromStack(made.stack);
});

/** The file that lies beside a function's bundle. */
function servicesBeside(app: App, name: 'process-outside-batch' | 'map-batches'): unknown {
  const assembly = app.synth();
  const { id } = functionsOf(template).get(name) ?? {};
  const { Metadata } = resourcesOf(template, 'AWS::Lambda::Function')[id ?? ''] as unknown as {
    Metadata: Record<string, string>;
  };
  const path = join(assembly.directory, Metadata['aws:asset:path'] ?? '', 'services.json');
  return JSON.parse(readFileSync(path, 'utf8'));
}

describe('GIVEN services outside', () => {
  it('WHEN synthesized THEN each that has entities has a queue, read by three invocations at a time', () => {
    const id = functionsOf(template).get('process-outside-batch')?.id;
    const sources = Object.values(resourcesOf(template, 'AWS::Lambda::EventSourceMapping'))
      .map(({ Properties }) => Properties)
      .filter(({ FunctionName }) => FunctionName.Ref === id);
    expect(sources.map(({ EventSourceArn }) => readable(EventSourceArn)).sort()).toEqual([
      'OutsideBatchesAgencyBatches',
      'OutsideBatchesDepotBatches',
    ]);
    for (const source of sources) {
      expect(source).toMatchObject({
        ScalingConfig: { MaximumConcurrency: 3 },
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      });
    }
    const { Properties } = resourceOf(template, 'AWS::SQS::Queue', 'OutsideBatchesDepot');
    expect(Properties).toMatchObject({ VisibilityTimeout: 180, RedrivePolicy: { maxReceiveCount: 7 } });
    expect(readable(Properties.RedrivePolicy.deadLetterTargetArn)).toBe('BatchProcessingDeadLetters');
  });

  it('WHEN a chunk is dispatched THEN it knows the queue of each process, and may send to these alone', () => {
    const queues = functionsOf(template).get('dispatch-chunk')?.Properties.Environment.Variables.OUTSIDE_QUEUES;
    const text = readable(queues);
    expect(text).toContain('"facilityCreation":"OutsideBatchesDepotBatches');
    expect(text).toContain('"userCreation":"OutsideBatchesAgencyBatches');
    const targets = permissionsOf(template, 'dispatch-chunk').filter(({ action }) => action === 'sqs:SendMessage');
    expect(targets.map(({ resource }) => resource).sort()).toEqual([
      'BatchProcessingBatches',
      'OutsideBatchesAgencyBatches',
      'OutsideBatchesDepotBatches',
    ]);
  });

  it('WHEN functions call them THEN those two have the configuration, and read the secrets that it names', () => {
    for (const name of ['process-outside-batch', 'map-batches'] as const) {
      expect(servicesBeside(made.app, name)).toEqual(services);
      const secrets = permissionsOf(template, name).filter(({ action }) => action === 'secretsmanager:GetSecretValue');
      expect(secrets.map(({ resource }) => resource).sort()).toEqual([
        expect.stringMatching(/^arn:.*:secret:depot\/key-\?{6}$/),
        secretArn,
      ]);
    }
    const others = [...functionsOf(template).keys()].filter((name) =>
      permissionsOf(template, name).some(({ action }) => action === 'secretsmanager:GetSecretValue'),
    );
    expect(others.sort()).toEqual(['map-batches', 'process-outside-batch', 'seed-admin-key']);
  });

  it('WHEN AwsSolutions is asked THEN every finding is mended or explained', () => {
    const { violations } = new AwsSolutionsChecks(made.app).validateScope(made.stack);
    const findings = violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath }) => `${ruleName} ${constructPath}`),
    );
    expect(findings).toEqual([]);
  });

  it('WHEN a process names a service that there is not THEN the stage is refused, with its place', async () => {
    const wrong = { ...services, processes: { userCreation: { entities: 'nobody' } } };
    await expect(makeApp('production', { services: wrong })).rejects.toThrow(
      /the name of a service with entities, got nobody/,
    );
  });
});
