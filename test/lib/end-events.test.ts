import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { noCounts } from '../../lambdas/model/action.ts';
import { endEventOf } from '../../lambdas/model/end-event.ts';
import { targetInput } from '../../local/events/target-input.ts';
import { newAction } from '../support/actions.ts';
import { synthesize } from './synthesize.ts';
import { functionsOf, readable, resourceOf, resourcesOf } from './template.ts';

let template: Template;
beforeAll(async () => {
  template = await synthesize('production', { notificationEmail: 'people@example.org', webhookTimeoutSeconds: 7 });
});

const ends = { source: ['rollcall'], 'detail-type': ['Bulk Action Ended'] };

describe('the webhooks', () => {
  it('GIVEN an end WHEN it is told THEN queue-deliveries hears of it, again if need be, and never in vain', () => {
    const rule = resourceOf(template, 'AWS::Events::Rule', 'Webhooks').Properties;
    expect(rule.EventPattern).toEqual(ends);
    const [target] = rule.Targets;
    expect(readable(target.Arn)).toBe('WebhooksQueueDeliveries');
    expect(target.RetryPolicy.MaximumRetryAttempts).toBe(185);
    expect(readable(target.DeadLetterConfig.Arn)).toBe('WebhooksUndeliveredEvents');
    const invoke = resourceOf(template, 'AWS::Lambda::EventInvokeConfig', 'Webhooks').Properties;
    expect(readable(invoke.DestinationConfig.OnFailure.Destination)).toBe('WebhooksUndeliveredEvents');
  });

  it('GIVEN deliveries WHEN one fails THEN it comes again alone, and not before its attempt must be over', () => {
    const id = functionsOf(template).get('deliver-webhook')?.id;
    const mappings = Object.values(resourcesOf(template, 'AWS::Lambda::EventSourceMapping'));
    const source = mappings.find(({ Properties }) => Properties.FunctionName.Ref === id)?.Properties;
    expect(readable(source.EventSourceArn)).toBe('WebhooksDeliveries');
    expect(source.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
    const queue = resourceOf(template, 'AWS::SQS::Queue', 'WebhooksDeliveries').Properties;
    expect(queue.VisibilityTimeout).toBe(6 * 27);
    expect(readable(queue.RedrivePolicy.deadLetterTargetArn)).toBe('WebhooksDeadLetters');
  });
});

describe('the mails', () => {
  it('GIVEN an address WHEN an action ends THEN a readable mail goes there by an encrypted topic, by TLS only', () => {
    const topic = resourceOf(template, 'AWS::SNS::Topic', 'EndMail').Properties;
    expect(readable(topic.KmsMasterKeyId)).toBe('EndMailKey');
    const policy = resourceOf(template, 'AWS::SNS::TopicPolicy', 'EndMail').Properties.PolicyDocument;
    expect(policy.Statement).toContainEqual(
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    );
    expect(resourceOf(template, 'AWS::SNS::Subscription', 'EndMail').Properties).toMatchObject({
      Protocol: 'email',
      Endpoint: 'people@example.org',
    });
    const rule = resourceOf(template, 'AWS::Events::Rule', 'EndMailActionEnded').Properties;
    expect(rule.EventPattern).toEqual({ ...ends, detail: { dryRun: [{ exists: false }] } });
    expect(mailOf(rule.Targets[0].InputTransformer, {})).toBe(
      [
        '"Bulk action completed: facilityCreation for cmp-1 (account acme)."',
        '"Of 3 rows: 2 created, 0 updated, 0 deleted, 1 known, 0 duplicate, 0 invalid, 0 failed, 0 unprocessed, 0 cancelled."',
        '"Report, with an API key: https://api.example/api/bulk-actions/a-1/report"',
        '"Action a-1, ended 2026-01-02T03:04:05.678Z."',
      ].join('\n'),
    );
  });

  it('GIVEN a dry run WHEN it ends THEN the mail says so first, and it is the only one', () => {
    const rule = resourceOf(template, 'AWS::Events::Rule', 'EndMailDryRunEnded').Properties;
    expect(rule.EventPattern).toEqual({ ...ends, detail: { dryRun: [true] } });
    const [subject] = mailOf(rule.Targets[0].InputTransformer, { dryRun: true }).split('\n');
    expect(subject).toBe(
      '"Dry run, nothing was written: bulk action completed: facilityCreation for cmp-1 (account acme)."',
    );
  });

  it('GIVEN no address WHEN synthesized THEN nothing is there for it', async () => {
    const silent = await synthesize('production');
    expect(Object.keys(resourcesOf(silent, 'AWS::SNS::Topic')).filter((id) => id.startsWith('EndMail'))).toEqual([]);
  });

  /** What EventBridge makes of an end, with the API at `https://api.example`. */
  function mailOf(
    transformer: { InputTemplate: { 'Fn::Join': [string, unknown[]] } },
    properties: { dryRun?: true },
  ): string {
    const [separator, parts] = transformer.InputTemplate['Fn::Join'];
    const InputTemplate = parts
      .map((part) => (typeof part === 'string' ? part : 'https://api.example'))
      .join(separator);
    const counts = { ...noCounts, rows: 3, created: 2, known: 1 };
    const finishedAt = '2026-01-02T03:04:05.678Z';
    const ended = newAction({
      actionId: 'a-1',
      referenceId: 'cmp-1',
      status: 'completed',
      counts,
      finishedAt,
      ...properties,
    });
    return targetInput({ detail: endEventOf(ended) }, { InputTransformer: { ...transformer, InputTemplate } });
  }
});
