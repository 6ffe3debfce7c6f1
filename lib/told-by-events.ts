import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

export interface ToldByEventsProps extends Required<Pick<events.RuleProps, 'description' | 'eventPattern'>> {
  readonly told: lambda.Function;
  /** Takes events of which the function could not be told in a day, and those on which it failed for good. */
  readonly lastResort: sqs.Queue;
}

/** Tells a function of the events that match; the rule's construct is called `id`. */
export function toldByEvents(scope: Construct, id: string, props: ToldByEventsProps): void {
  const { told, lastResort, description, eventPattern } = props;
  told.configureAsyncInvoke({
    onFailure: new SqsDestination(lastResort),
    retryAttempts: 2,
    maxEventAge: Duration.hours(6),
  });
  new events.Rule(scope, id, {
    description,
    eventPattern,
    targets: [
      new targets.LambdaFunction(told, {
        deadLetterQueue: lastResort,
        retryAttempts: 185,
        maxEventAge: Duration.hours(24),
      }),
    ],
  });
}
