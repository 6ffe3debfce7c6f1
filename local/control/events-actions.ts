/** EventBridge's PutEvents. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
import type { EventBus } from '../events/event-bus.ts';
import type { JsonActions } from './control-server.ts';

interface PutEventsEntry {
  Source?: string;
  DetailType?: string;
  Detail?: string;
  Resources?: string[];
  Time?: number;
  EventBusName?: string;
}

const ENTRY_LIMIT = 10;

export function eventsActions(bus: EventBus): JsonActions {
  return {
    'AWSEvents.PutEvents': (input) => {
      const entries = input.Entries as PutEventsEntry[];
      const results = entries.slice(0, ENTRY_LIMIT).map((entry) => put(bus, entry));
      return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
    },
  };
}

function put(bus: EventBus, { Source, DetailType, Detail, Resources, Time, EventBusName }: PutEventsEntry) {
  if (!Source || !DetailType || !Detail) {
    return { ErrorCode: 'InvalidArgument', ErrorMessage: 'Source, DetailType and Detail are required.' };
  }
  let detail: unknown;
  try {
    detail = JSON.parse(Detail);
  } catch {
    return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed: it must be a JSON object.' };
  }
  const time = Time === undefined ? undefined : `${new Date(Time * 1000).toISOString().slice(0, 19)}Z`;
  return {
    EventId: bus.put({
      source: Source,
      detailType: DetailType,
      detail,
      resources: Resources,
      time,
      busName: EventBusName,
    }),
  };
}
