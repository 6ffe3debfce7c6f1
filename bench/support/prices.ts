/**
 * AWS's public on-demand prices in us-east-1, US dollars, as of 2026. Sources: the pricing pages of Amazon DynamoDB
 * (on-demand, standard class), AWS Lambda (arm64), Amazon SQS, Amazon S3 and AWS Step Functions.
 */
export const prices = {
  /** One write request unit: an item of up to 1 KB. */
  writeUnit: 0.625e-6,
  /** One read request unit: 4 KB read consistently, or twice 4 KB eventually. */
  readUnit: 0.125e-6,
  /** One SQS request of up to 64 KB, standard queue; fair queues with a message group cost the same. */
  queueRequest: 0.4e-6,
  s3Put: 5e-6,
  s3Get: 0.4e-6,
  /** One state transition of a standard workflow. */
  stateTransition: 25e-6,
  lambdaRequest: 0.2e-6,
  /** One GB-second on arm64. */
  lambdaGbSecond: 0.0000133334,
} as const;
