export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export interface Execution {
  arn: string;
  name: string;
  stateMachineArn: string;
  /** JSON text, as is the output. */
  input: string;
  status: ExecutionStatus;
  /** Epoch milliseconds. */
  startedAt: number;
  stoppedAt?: number;
  output?: string;
  error?: string;
  cause?: string;
}

export interface StartRequest {
  stateMachineArn: string;
  /** JSON text. */
  input: string;
  name?: string;
  /** The execution that started this one. */
  parentArn?: string;
  /** A parent that runs again takes the result of a child that its first run already saw to the end. */
  adoptEnded?: boolean;
}
