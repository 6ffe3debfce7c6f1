/** Reads the template's event source mappings. */
import type { StackModel } from '../assembly/stack-model.ts';
import type { FauxqsEmulator } from '../emulators/fauxqs.ts';
import type { FunctionHost } from '../functions/function-host.ts';
import type { QueueMapping } from './queue-poller.ts';

interface MappingProperties {
  EventSourceArn: string;
  FunctionName: string;
  BatchSize?: number;
  MaximumBatchingWindowInSeconds?: number;
  FunctionResponseTypes?: string[];
  ScalingConfig?: { MaximumConcurrency?: number };
  Enabled?: boolean;
  FilterCriteria?: unknown;
}

/** Lambda's own default. */
const DEFAULT_BATCH_SIZE = 10;

/** Invocations at a time where the mapping says nothing: on Lambda many more, but on one machine that would help nobody. */
const DEFAULT_CONCURRENCY = 8;

export function readQueueMappings(
  stack: StackModel,
  host: FunctionHost,
  messaging: FauxqsEmulator,
  warn: (message: string) => void,
): QueueMapping[] {
  return stack.ofType('AWS::Lambda::EventSourceMapping').flatMap((resource): QueueMapping[] => {
    const properties = stack.properties<MappingProperties>(resource);
    const queue = messaging.queues.getQueueByArn(properties.EventSourceArn);
    const definition = host.find(properties.FunctionName);
    if (!queue || !definition) {
      warn(`${resource.logicalId} is left out: only mappings of the stack's own queues to its own functions run here.`);
      return [];
    }
    if (properties.FilterCriteria) warn(`${resource.logicalId}: its filter criteria are not applied here.`);
    if (properties.Enabled === false) return [];
    return [
      {
        queue,
        definition,
        batchSize: properties.BatchSize ?? DEFAULT_BATCH_SIZE,
        batchingWindowMs: (properties.MaximumBatchingWindowInSeconds ?? 0) * 1000,
        reportsBatchItemFailures: properties.FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? false,
        maximumConcurrency: properties.ScalingConfig?.MaximumConcurrency ?? DEFAULT_CONCURRENCY,
      },
    ];
  });
}
