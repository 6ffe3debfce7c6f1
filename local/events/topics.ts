/** Publishing to a topic from inside the local run. */
import type { FauxqsEmulator } from '../emulators/fauxqs.ts';
import { publish } from '../emulators/fauxqs-parts.ts';

/** @returns a function that publishes a message to the topic with this ARN and throws when there is no such topic */
export function publishTo({ topics, queues }: FauxqsEmulator): (topicArn: string, message: string) => void {
  return (topicArn, message) => {
    publish({ TopicArn: topicArn, Message: message }, topics, queues);
  };
}
