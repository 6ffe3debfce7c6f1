import { Match, type Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { synthesize } from './synthesize.ts';
import { functionsOf, readable, resourceOf, resourcesOf } from './template.ts';

let template: Template;
beforeAll(async () => {
  template = await synthesize('production', {
    batchConcurrency: 9,
    batchesPerInvocation: 4,
    batchDeliveries: 3,
    batchTimeoutSeconds: 20,
    sweepMinutes: 11,
  });
});

function sourceOf(name: 'process-batch' | 'drain-dead-letters') {
  const id = functionsOf(template).get(name)?.id;
  const mappings = Object.values(resourcesOf(template, 'AWS::Lambda::EventSourceMapping'));
  return mappings.find(({ Properties }) => Properties.FunctionName.Ref === id)?.Properties;
}

describe('the queues', () => {
  it('GIVEN any queue WHEN messages rest in it THEN encrypted, and TLS only', () => {
    const queues = Object.keys(resourcesOf(template, 'AWS::SQS::Queue'));
    expect(queues.length).toBeGreaterThan(0);
    template.allResourcesProperties('AWS::SQS::Queue', { SqsManagedSseEnabled: true });
    const denied = Object.values(resourcesOf(template, 'AWS::SQS::QueuePolicy')).map(({ Properties }) => {
      expect(Properties.PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      );
      return Properties.Queues[0].Ref;
    });
    expect(denied.sort()).toEqual(queues.sort());
  });

  it('GIVEN a batch whose function dies WHEN it comes again THEN after six timeouts, and as often as the stage says', () => {
    const batches = resourceOf(template, 'AWS::SQS::Queue', 'BatchProcessingBatches').Properties;
    const deadLetters = resourceOf(template, 'AWS::SQS::Queue', 'BatchProcessingDeadLetters').Properties;
    expect(batches.VisibilityTimeout).toBe(120);
    expect(batches.RedrivePolicy.maxReceiveCount).toBe(3);
    expect(readable(batches.RedrivePolicy.deadLetterTargetArn)).toBe('BatchProcessingDeadLetters');
    expect(deadLetters.MessageRetentionPeriod).toBeGreaterThan(batches.MessageRetentionPeriod);
    expect(functionsOf(template).get('process-batch')?.Properties.Timeout).toBe(20);
  });

  it('GIVEN batches WHEN one of them fails THEN its neighbours are not delivered again', () => {
    expect(sourceOf('process-batch')).toMatchObject({
      BatchSize: 4,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 9 },
    });
  });

  it('GIVEN a dead letter WHEN it arrives THEN it is drained', () => {
    expect(readable(sourceOf('drain-dead-letters').EventSourceArn)).toBe('BatchProcessingDeadLetters');
    expect(sourceOf('drain-dead-letters').FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
  });
});

describe('the events', () => {
  it('GIVEN a new object WHEN it is a sheet THEN start-action is told, again if need be, and never in vain', () => {
    const rule = resourceOf(template, 'AWS::Events::Rule', 'SheetArrival').Properties;
    expect(rule.EventPattern).toMatchObject({
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
      detail: { object: { key: [{ prefix: 'uploads/' }, { prefix: 'scheduled/' }, { prefix: 'inbox/' }] } },
    });
    expect(readable(rule.EventPattern.detail.bucket.name[0])).toBe('Sheets');
    const [target] = rule.Targets;
    expect(readable(target.Arn)).toBe('SheetArrivalStartAction');
    expect(target.RetryPolicy.MaximumRetryAttempts).toBe(185);
    expect(readable(target.DeadLetterConfig.Arn)).toBe('SheetArrivalUndeliveredEvents');
    const invoke = resourceOf(template, 'AWS::Lambda::EventInvokeConfig', 'SheetArrival').Properties;
    expect(readable(invoke.DestinationConfig.OnFailure.Destination)).toBe('SheetArrivalUndeliveredEvents');
  });

  it('GIVEN the minutes of a stage WHEN they have passed THEN the sweep runs, and a failed one is not repeated', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(11 minutes)',
      Targets: [Match.objectLike({ RetryPolicy: { MaximumRetryAttempts: 0 } })],
    });
  });
});

describe('the state machines', () => {
  it('GIVEN a run WHEN it fails THEN it is logged without its data and traced', () => {
    template.allResourcesProperties('AWS::StepFunctions::StateMachine', {
      StateMachineType: 'STANDARD',
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: { IncludeExecutionData: false, Level: 'ERROR' },
    });
  });
});
