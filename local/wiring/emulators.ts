/** Starts the emulators and creates the template's tables, buckets and queues in them. */
import { createQueues } from '../deployment/storage.ts';
import { createTables } from '../deployment/tables.ts';
import { type DynamoDbEmulator, startDynoxide } from '../emulators/dynoxide.ts';
import { type FauxqsEmulator, startFauxqs } from '../emulators/fauxqs.ts';
import type { RunContext } from './run-context.ts';

/** @returns the emulator of S3, SQS and SNS; DynamoDB is reached by its endpoint alone */
export async function startEmulators({
  stack,
  state,
  ports,
  endpoints,
  options,
  report,
  shutdown,
}: RunContext): Promise<FauxqsEmulator> {
  const stopping = <T extends DynamoDbEmulator | FauxqsEmulator>(emulator: T): T => {
    shutdown.add(() => emulator.stop());
    return emulator;
  };
  const onExit = (reason: string) => (options.onLost ?? report)(`DynamoDB is gone: ${reason}`);
  const [dynamodb, messaging] = await Promise.allSettled([
    startDynoxide({ port: ports.dynamodb, databasePath: state.databasePath, onExit }).then(stopping),
    startFauxqs({
      port: ports.messaging,
      dataDirectory: state.messageDirectory,
      objectDirectory: state.objectDirectory,
    }).then(stopping),
  ]);
  // Only now: what has started by itself must be known to the shutdown before the other one's failure ends the start.
  if (dynamodb.status === 'rejected') throw dynamodb.reason;
  if (messaging.status === 'rejected') throw messaging.reason;
  createQueues(stack, messaging.value);
  await createTables(stack, endpoints.dynamodb);
  return messaging.value;
}
