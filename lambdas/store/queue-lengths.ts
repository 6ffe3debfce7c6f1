import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** How many messages a queue has, as SQS has it: approximate, and behind by up to a minute. */
export interface QueueLength {
  readonly name: string;
  readonly waiting: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** How long queues are. */
export class QueueLengths {
  private readonly client: SQSClient;
  private readonly urls: Readonly<Record<string, string>>;

  /** `urls`: of the queues, by the name under which they are told. */
  constructor(client: SQSClient, urls: Readonly<Record<string, string>>) {
    this.client = client;
    this.urls = urls;
  }

  read(): Promise<QueueLength[]> {
    return Promise.all(Object.entries(this.urls).map(([name, url]) => this.lengthOf(name, url)));
  }

  private async lengthOf(name: string, QueueUrl: string): Promise<QueueLength> {
    const { Attributes = {} } = await this.client.send(
      new GetQueueAttributesCommand({
        QueueUrl,
        AttributeNames: [
          'ApproximateNumberOfMessages',
          'ApproximateNumberOfMessagesNotVisible',
          'ApproximateNumberOfMessagesDelayed',
        ],
      }),
    );
    return {
      name,
      waiting: Number(Attributes.ApproximateNumberOfMessages ?? 0),
      inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
      delayed: Number(Attributes.ApproximateNumberOfMessagesDelayed ?? 0),
    };
  }
}
