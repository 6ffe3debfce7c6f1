/** Creates the template's buckets, queues, topics and subscriptions in the emulator. */
import { REGION } from '../assembly/aws-names.ts';
import type { StackModel } from '../assembly/stack-model.ts';
import type { CorsRule } from '../emulators/bucket-cors.ts';
import type { FauxqsEmulator } from '../emulators/fauxqs.ts';
import type { Deliveries } from '../events/deliveries.ts';

interface BucketProperties {
  CorsConfiguration?: { CorsRules: CorsRule[] };
  NotificationConfiguration?: { EventBridgeConfiguration?: { EventBridgeEnabled?: boolean } };
}

/** @returns the buckets that send their events to EventBridge */
export function createBuckets(stack: StackModel, { objects, setCorsRules }: FauxqsEmulator): string[] {
  const withEvents = new Set<string>();
  for (const resource of stack.ofType('AWS::S3::Bucket')) {
    const name = stack.nameOf(resource.logicalId);
    const { CorsConfiguration, NotificationConfiguration } = stack.properties<BucketProperties>(resource);
    objects.createBucket(name);
    setCorsRules(name, CorsConfiguration?.CorsRules ?? []);
    const events = NotificationConfiguration?.EventBridgeConfiguration;
    if (events && events.EventBridgeEnabled !== false) withEvents.add(name);
  }
  // CDK switches a bucket's events on by a custom resource of its own, whose function is written in Python.
  for (const resource of stack.ofType('Custom::S3BucketNotifications')) {
    const { BucketName, NotificationConfiguration } = stack.properties<{ BucketName: string } & BucketProperties>(
      resource,
    );
    if (NotificationConfiguration?.EventBridgeConfiguration) withEvents.add(BucketName);
  }
  return [...withEvents];
}

/** Properties of `AWS::SQS::Queue` that are attributes of the same name. */
const QUEUE_ATTRIBUTES = [
  'VisibilityTimeout',
  'DelaySeconds',
  'MaximumMessageSize',
  'ReceiveMessageWaitTimeSeconds',
  'FifoQueue',
  'ContentBasedDeduplication',
  'RedrivePolicy',
];

export function createQueues(stack: StackModel, { queues }: FauxqsEmulator): void {
  for (const resource of stack.ofType('AWS::SQS::Queue')) {
    const properties = stack.properties(resource);
    const attributes: Record<string, string> = {};
    for (const name of QUEUE_ATTRIBUTES) {
      const value = properties[name];
      if (value !== undefined) attributes[name] = typeof value === 'object' ? JSON.stringify(value) : String(value);
    }
    if (properties.MessageRetentionPeriod !== undefined)
      attributes.MessageRetentionPeriod = String(properties.MessageRetentionPeriod);
    const name = stack.nameOf(resource.logicalId);
    const existing = queues.getQueueByName(name);
    if (existing) existing.setAttributes(attributes);
    else
      queues.createQueue(
        name,
        stack.resolve({ Ref: resource.logicalId }),
        stack.resolve({ 'Fn::GetAtt': [resource.logicalId, 'Arn'] }),
        attributes,
      );
  }
}

interface SubscriptionProperties {
  TopicArn: string;
  Protocol: string;
  Endpoint: string;
  RawMessageDelivery?: boolean;
  FilterPolicy?: unknown;
  FilterPolicyScope?: string;
}

export function createTopics(
  stack: StackModel,
  messaging: FauxqsEmulator,
  deliveries: Deliveries,
  report: (message: string) => void,
): void {
  const { topics } = messaging;
  const functions = new Map<string, string[]>();
  for (const resource of stack.ofType('AWS::SNS::Topic'))
    topics.createTopic(stack.nameOf(resource.logicalId), undefined, undefined, REGION);
  for (const resource of stack.ofType('AWS::SNS::Subscription')) {
    const subscription = stack.properties<SubscriptionProperties>(resource);
    const { TopicArn, Protocol, Endpoint } = subscription;
    if (Protocol === 'lambda') functions.set(TopicArn, [...(functions.get(TopicArn) ?? []), Endpoint]);
    else if (Protocol === 'sqs') topics.subscribe(TopicArn, 'sqs', Endpoint, subscriptionAttributes(subscription));
    else report(`${resource.logicalId}: nothing is sent to ${Protocol} subscriptions here.`);
  }
  messaging.onActivity((message) => {
    if (message.service !== 'sns') return;
    const { topicArn, messageId, body } = message;
    const payload = JSON.stringify(snsEvent(topicArn, messageId, body));
    deliveries.add((functions.get(topicArn) ?? []).map((targetArn) => ({ targetArn, payload })));
  });
}

function subscriptionAttributes({
  RawMessageDelivery,
  FilterPolicy,
  FilterPolicyScope,
}: SubscriptionProperties): Record<string, string> {
  return {
    ...(RawMessageDelivery ? { RawMessageDelivery: 'true' } : {}),
    ...(FilterPolicy ? { FilterPolicy: JSON.stringify(FilterPolicy) } : {}),
    ...(FilterPolicyScope ? { FilterPolicyScope } : {}),
  };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html */
function snsEvent(topicArn: string, messageId: string, message: string) {
  return {
    Records: [
      {
        EventVersion: '1.0',
        EventSubscriptionArn: `${topicArn}:local`,
        EventSource: 'aws:sns',
        Sns: {
          Type: 'Notification',
          MessageId: messageId,
          TopicArn: topicArn,
          Subject: null,
          Message: message,
          Timestamp: new Date().toISOString(),
          MessageAttributes: {},
        },
      },
    ],
  };
}
