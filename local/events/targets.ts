/** Brings a delivery to where its ARN points: a function, a state machine, a queue, a topic or another bus. */
import { setTimeout as delay } from 'node:timers/promises';
import type { StackModel } from '../assembly/stack-model.ts';
import type { FauxqsEmulator } from '../emulators/fauxqs.ts';
import { SqsStore } from '../emulators/fauxqs-parts.ts';
import type { FunctionDefinition, FunctionHost } from '../functions/function-host.ts';
import type { Delivery } from './deliveries.ts';

export interface TargetServices {
  stack: StackModel;
  host: FunctionHost;
  messaging: FauxqsEmulator;
  startExecution(stateMachineArn: string, input: string, name: string): void;
  publish(topicArn: string, message: string): void;
  putEvent(busArn: string, payload: string): void;
}

/** How a function wants its asynchronous invocations: `AWS::Lambda::EventInvokeConfig` and `DeadLetterConfig`. */
interface AsyncSettings {
  retries: number;
  onFailureArn?: string;
}

const DEFAULT_RETRIES = 2;

/** Lambda waits one and two minutes before its retries. Here nobody learns anything from such a wait. */
const RETRY_WAIT_MS = [1_000, 2_000];

export function createTargets(services: TargetServices): (delivery: Delivery) => Promise<void> {
  const settings = asyncSettings(services.stack);
  return async (delivery) => {
    try {
      await bring(delivery, services, settings);
    } catch (error) {
      if (delivery.deadLetterArn) sendToQueue(services.messaging, delivery.deadLetterArn, delivery.payload);
      throw error;
    }
  };
}

async function bring(
  { id, targetArn, payload }: Delivery,
  services: TargetServices,
  settings: (name: string) => AsyncSettings,
): Promise<void> {
  const service = targetArn.split(':')[2];
  switch (service) {
    case 'lambda': {
      const definition = services.host.find(targetArn.split(':').slice(0, 7).join(':'));
      if (!definition) throw new Error(`There is no function ${targetArn}.`);
      return invokeAsynchronously(definition, payload, services, settings(definition.name));
    }
    case 'states':
      // Its own id as the name: a repeated delivery finds the execution that the first one started.
      return services.startExecution(targetArn, payload, id);
    case 'sqs':
      return sendToQueue(services.messaging, targetArn, payload);
    case 'sns':
      return services.publish(targetArn, payload);
    case 'events':
      return services.putEvent(targetArn, payload);
    default:
      throw new Error(`The local run does not deliver to ${targetArn}.`);
  }
}

async function invokeAsynchronously(
  definition: FunctionDefinition,
  payload: string,
  { host, messaging }: TargetServices,
  { retries, onFailureArn }: AsyncSettings,
): Promise<void> {
  const event: unknown = JSON.parse(payload);
  for (let attempt = 0; ; attempt++) {
    const outcome = await host.invoke(definition, event, 'step');
    if (outcome.ok) return;
    if (attempt === retries) {
      if (onFailureArn) sendToQueue(messaging, onFailureArn, payload);
      throw new Error(`${outcome.error.errorType}: ${outcome.error.errorMessage} (after ${attempt + 1} attempts)`);
    }
    await delay(RETRY_WAIT_MS[Math.min(attempt, RETRY_WAIT_MS.length - 1)], undefined, { ref: false });
  }
}

export function sendToQueue(messaging: FauxqsEmulator, queueArn: string, body: string): void {
  const queue = messaging.queues.getQueueByArn(queueArn);
  if (!queue) throw new Error(`There is no queue ${queueArn}.`);
  queue.enqueue(SqsStore.createMessage(body));
}

interface InvokeConfigProperties {
  FunctionName: string;
  MaximumRetryAttempts?: number;
  DestinationConfig?: { OnFailure?: { Destination?: string } };
}

function asyncSettings(stack: StackModel): (functionName: string) => AsyncSettings {
  const configs = new Map(
    stack
      .ofType('AWS::Lambda::EventInvokeConfig')
      .map((resource) => stack.properties<InvokeConfigProperties>(resource))
      .map((config) => [config.FunctionName, config]),
  );
  const deadLetters = new Map(
    stack.ofType('AWS::Lambda::Function').map(({ logicalId, properties }) => {
      const { TargetArn } = stack.resolve<{ TargetArn?: string } | undefined>(properties.DeadLetterConfig) ?? {};
      return [stack.nameOf(logicalId), TargetArn] as const;
    }),
  );
  return (name) => {
    const config = configs.get(name);
    return {
      retries: config?.MaximumRetryAttempts ?? DEFAULT_RETRIES,
      onFailureArn: config?.DestinationConfig?.OnFailure?.Destination ?? deadLetters.get(name),
    };
  };
}
