/** The event that Lambda makes of SQS messages. */

import { REGION } from '../assembly/aws-names.ts';
import type { MessageAttributeValue, ReceivedMessage, SqsQueue } from '../emulators/fauxqs-parts.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event */
export function sqsEvent(messages: ReceivedMessage[], queue: SqsQueue): unknown {
  return { Records: messages.map((message) => record(message, queue)) };
}

function record(message: ReceivedMessage, queue: SqsQueue) {
  const stored = queue.inflightMessages.get(message.ReceiptHandle)?.message;
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: {
      ApproximateReceiveCount: String(stored?.approximateReceiveCount ?? 1),
      SentTimestamp: String(stored?.sentTimestamp ?? Date.now()),
      SenderId: 'LOCAL',
      ApproximateFirstReceiveTimestamp: String(stored?.approximateFirstReceiveTimestamp ?? Date.now()),
      ...(stored?.messageGroupId ? { MessageGroupId: stored.messageGroupId } : {}),
      ...(stored?.messageDeduplicationId ? { MessageDeduplicationId: stored.messageDeduplicationId } : {}),
      ...(stored?.sequenceNumber ? { SequenceNumber: stored.sequenceNumber } : {}),
    },
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [name, attribute(value)]),
    ),
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queue.arn,
    awsRegion: REGION,
  };
}

function attribute({ DataType, StringValue, BinaryValue }: MessageAttributeValue) {
  return {
    stringValue: StringValue,
    binaryValue: BinaryValue,
    stringListValues: [],
    binaryListValues: [],
    dataType: DataType,
  };
}
