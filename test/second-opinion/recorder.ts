import type { AwsInterceptor } from '../../local/faults/aws-interceptor.ts';

/** What a function asked of DynamoDB. */
export interface TableRequest {
  readonly functionName: string;
  /** E.g. `BatchExecuteStatement`. */
  readonly operation: string;
  /** JSON, as it was sent. */
  readonly body: string;
}

/** Keeps what the functions of a stack ask of DynamoDB, in the order in which it was asked. */
export class Recorder {
  readonly requests: TableRequest[] = [];

  readonly interceptor: AwsInterceptor = ({ functionName, service, operation, body }) => {
    if (service === 'dynamodb') this.requests.push({ functionName, operation, body });
    return 'pass';
  };
}
