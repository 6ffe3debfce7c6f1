import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FunctionName } from '../../lambdas/model/environments.ts';
import { synthesize } from './synthesize.ts';
import { functionsOf, permissionsOf, resourceOf, resourcesOf } from './template.ts';

let template: Template;
beforeAll(async () => {
  template = await synthesize('production');
});

/** Which functions may do an action on a resource that matches. */
function whoMay(action: string, resource: RegExp): FunctionName[] {
  const may = (name: FunctionName) =>
    permissionsOf(template, name).some((granted) => granted.action === action && resource.test(granted.resource));
  return [...functionsOf(template).keys()].filter(may).sort();
}

describe('what functions may do', () => {
  it('GIVEN any function WHEN its role is read THEN no action is a wildcard, and only traces go to every resource', () => {
    for (const name of functionsOf(template).keys()) {
      for (const { action, resource } of permissionsOf(template, name)) {
        expect(action, name).not.toContain('*');
        if (resource === '*') expect(action, name).toMatch(/^xray:Put/);
      }
    }
  });

  it('GIVEN any function WHEN its role is read THEN it has no managed policy and writes its own log only', () => {
    for (const { Properties } of Object.values(resourcesOf(template, 'AWS::IAM::Role'))) {
      expect(Properties.ManagedPolicyArns).toBeUndefined();
    }
    for (const [name, { Properties }] of functionsOf(template)) {
      const logs = permissionsOf(template, name).filter(({ action }) => action === 'logs:PutLogEvents');
      expect(logs).toHaveLength(1);
      expect(Properties.LoggingConfig.LogGroup.Ref).toContain(logs[0]?.resource);
    }
  });

  it('GIVEN objects in the bucket WHEN a function may touch them THEN under named folders only', () => {
    for (const name of functionsOf(template).keys()) {
      for (const { action, resource } of permissionsOf(template, name)) {
        if (/^s3:.*Object|Multipart/.test(action)) {
          expect(resource, name).toMatch(
            /^Sheets\/(uploads|scheduled|previews|inbox|chunks|results|mapping|journal|reports)\/\*$/,
          );
        }
      }
    }
  });

  it.each<[string, string, RegExp, FunctionName[]]>([
    ['writes sheets', 's3:PutObject', /uploads/, ['complete-upload', 'create-bulk-action']],
    ['writes sheets to be looked at', 's3:PutObject', /previews/, ['preview-sheet']],
    ['writes into an inbox', 's3:PutObject', /inbox/, []],
    [
      'reads what was uploaded',
      's3:GetObject',
      /uploads/,
      ['complete-upload', 'preview-sheet', 'stage-sheet', 'sweep-actions'],
    ],
    ['writes reports', 's3:PutObject', /reports/, ['cancel-bulk-action', 'undo-rows', 'write-report']],
    ['writes results', 's3:PutObject', /results/, ['settle-chunk']],
    [
      'creates rows',
      'dynamodb:PartiQLInsert',
      /Tracking/,
      ['drain-dead-letters', 'identify-chunk', 'process-batch', 'process-outside-batch', 'revive-rows', 'settle-chunk'],
    ],
    [
      'creates entities and mappings',
      'dynamodb:PartiQLInsert',
      /Registry/,
      ['map-batches', 'process-batch', 'undo-rows'],
    ],
    [
      'removes mappings, entities and guards',
      'dynamodb:PartiQLDelete',
      /Registry/,
      ['map-batches', 'process-batch', 'undo-rows'],
    ],
    ['journals what entities were', 's3:PutObject', /journal/, ['process-batch', 'undo-rows']],
    ['removes rows', 'dynamodb:DeleteItem', /Tracking/, []],
    ['forgets rows', 'dynamodb:PartiQLDelete', /Tracking/, ['undo-rows']],
    ['puts over rows', 'dynamodb:PutItem', /Tracking/, []],
    [
      'removes what is kept of actions, keys and accounts',
      'dynamodb:DeleteItem',
      /Control/,
      ['create-bulk-action', 'manage-accounts', 'manage-webhooks'],
    ],
    [
      'puts actions, keys, accounts and marks',
      'dynamodb:PutItem',
      /Control/,
      [
        'check-mappings',
        'create-bulk-action',
        'drain-dead-letters',
        'fail-mapping',
        'manage-accounts',
        'manage-webhooks',
        'map-batches',
        'note-mapping',
        'process-batch',
        'process-outside-batch',
        'queue-deliveries',
        'retry-bulk-action',
        'seed-admin-key',
        'start-action',
      ],
    ],
    ['sends batches', 'sqs:SendMessage', /Batches/, ['dispatch-chunk']],
    [
      'starts runs',
      'states:StartExecution',
      /BulkActionMachine/,
      ['cancel-bulk-action', 'retry-bulk-action', 'start-action', 'start-scheduled-action', 'sweep-actions'],
    ],
    ['stops runs', 'states:StopExecution', /bulk-action/, ['cancel-bulk-action']],
    ['begins to undo', 'states:StartExecution', /UndoMachine/, ['undo-bulk-action']],
    ['makes schedules', 'scheduler:CreateSchedule', /./, ['create-bulk-action']],
    ['hands roles on', 'iam:PassRole', /./, ['create-bulk-action']],
    ['takes schedules back', 'scheduler:DeleteSchedule', /./, ['cancel-bulk-action']],
    ['sends deliveries', 'sqs:SendMessage', /WebhooksDeliveries/, ['manage-webhooks', 'queue-deliveries']],
    ['reads the admin key', 'secretsmanager:GetSecretValue', /Secret/, ['seed-admin-key']],
    [
      'tells the world',
      'events:PutEvents',
      /./,
      [
        'cancel-bulk-action',
        'fail-action',
        'finish-action',
        'retry-bulk-action',
        'start-action',
        'sweep-actions',
        'undo-bulk-action',
      ],
    ],
    ['walks through hierarchies', 'dynamodb:Query', /Registry\/index\/gsi1/, ['read-boundaries']],
    ['looks through all open actions', 'dynamodb:Query', /Control\/index\/gsi3/, ['read-stats', 'sweep-actions']],
  ])('GIVEN least privilege WHEN asked who %s THEN it is nobody else', (_, action, resource, expected) => {
    expect(whoMay(action, resource)).toEqual(expected);
  });

  it.each(['BulkAction', 'BoundaryMapping'])(
    'GIVEN the state machine %s WHEN its role is read THEN it may invoke its steps and no other function',
    (machine) => {
      const policy = resourceOf(template, 'AWS::IAM::Policy', `${machine}MachineRole`);
      const invoked = policy.Properties.PolicyDocument.Statement.find(
        ({ Action }: { Action: string }) => Action === 'lambda:InvokeFunction',
      ).Resource.map((resource: object) => Object.values(resource)[0][0]);
      const steps = [...functionsOf(template).values()]
        .map(({ id }) => id)
        .filter((id) => id.startsWith(`${machine}Steps`));
      expect(invoked.toSorted()).toEqual(steps.toSorted());
      expect(steps.length).toBeGreaterThan(4);
    },
  );
});
