import type { AwsInterceptor } from './faults/aws-interceptor.ts';
import type { QueueFaults } from './queues/queue-poller.ts';

export interface LocalStackOptions extends QueueFaults {
  /** Usually `cdk.out`. */
  assemblyDirectory: string;
  /** Needed only when the assembly holds more than one stack. */
  stackName?: string;
  /** The HTTP API's port, 4600 if absent; the other services take the next four. 0 = any free ports. */
  port?: number;
  /** Absent = ephemeral: nothing is left when the stack stops. */
  stateDirectory?: string;
  /** Where functions' output goes; `file` if absent, one NDJSON file a function under the state directory. */
  logTo?: 'file' | 'stderr' | 'none';
  /** For fault tests: decides on every AWS request of every function. Without it there is no proxy in between. */
  interceptor?: AwsInterceptor;
  /** How many invocations for events and state machines run at a time. */
  hostConcurrency?: number;
  /** Environment variables by function name or logical id, or `*` for all functions. */
  environmentOverrides?: Record<string, Record<string, string>>;
  /** For fault tests: messages, events and schedules arrive twice. */
  duplicateDeliveries?: boolean;
  /** Told when something ends that the stack cannot do without; `report` if absent. */
  onLost?: (reason: string) => void;
  /** What the stack's owner should know, a line each; stderr if absent. */
  report?: (message: string) => void;
}
