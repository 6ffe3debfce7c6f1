/** A retrier of the Amazon States Language. */
interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly BackoffRate: number;
  readonly MaxAttempts: number;
  readonly MaxDelaySeconds: number;
  readonly JitterStrategy: 'FULL';
}

/**
 * Lambda is throttled or unwell; the function has not run, or nobody knows.
 * Waits at most 1 + 2 + 4 + 8 + 16 + 30 + 30 + 30 = 121 s; with full jitter half of that on average.
 */
const serviceUnwell: Retrier = {
  ErrorEquals: [
    'Lambda.TooManyRequestsException',
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.ClientExecutionTimeoutException',
  ],
  IntervalSeconds: 1,
  BackoffRate: 2,
  MaxAttempts: 8,
  MaxDelaySeconds: 30,
  JitterStrategy: 'FULL',
};

/**
 * The function was killed midway, ran out of time, or threw: a throttle that outlasted the SDK's own attempts, or a
 * defect, which is not worth a long wait. Every step may be repeated from its start.
 * Waits at most 1 + 3 + 9 = 13 s.
 */
const stepFailed: Retrier = {
  ErrorEquals: ['States.ALL'],
  IntervalSeconds: 1,
  BackoffRate: 3,
  MaxAttempts: 3,
  MaxDelaySeconds: 30,
  JitterStrategy: 'FULL',
};

/** How every step of a state machine is retried. */
export const stepRetry: readonly Retrier[] = [serviceUnwell, stepFailed];
