import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';

/** Rollcall's own events on an EventBridge bus. */
export class EventBus {
  private readonly client: EventBridgeClient;
  private readonly busName: string;

  constructor(client: EventBridgeClient, busName: string) {
    this.client = client;
    this.busName = busName;
  }

  /** Publishes one event under the source `rollcall`. Throws when the bus did not take it. */
  async publish(detailType: string, detail: unknown): Promise<void> {
    const answer = await this.client.send(
      new PutEventsCommand({
        Entries: [
          { EventBusName: this.busName, Source: 'rollcall', DetailType: detailType, Detail: JSON.stringify(detail) },
        ],
      }),
    );
    const failed = answer.Entries?.find((entry) => entry.ErrorCode !== undefined);
    if (failed) throw new Error(`EventBridge refused the event: ${failed.ErrorCode}`);
  }
}
