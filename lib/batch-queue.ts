import { Duration } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** A queue of batches for a function that runs for `timeoutSeconds` at most. */
export function batchQueue(
  scope: Construct,
  id: string,
  timeoutSeconds: number,
  props: Pick<sqs.QueueProps, 'retentionPeriod' | 'deadLetterQueue'>,
): sqs.Queue {
  return new sqs.Queue(scope, id, {
    ...props,
    encryption: sqs.QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    // AWS advises six times the timeout of the function that the queue feeds.
    visibilityTimeout: Duration.seconds(6 * timeoutSeconds),
  });
}
