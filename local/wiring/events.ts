/** Ties together what sets each other off: events, deliveries, state machines, topics and uploaded objects. */
import { createBuckets, createTopics } from '../deployment/storage.ts';
import type { FauxqsEmulator } from '../emulators/fauxqs.ts';
import { createDeliveries, type Deliveries } from '../events/deliveries.ts';
import { createEventBus, type EventBus } from '../events/event-bus.ts';
import { type ObjectEvents, sendObjectEvents } from '../events/object-created.ts';
import { createTargets } from '../events/targets.ts';
import { publishTo } from '../events/topics.ts';
import type { FunctionHost } from '../functions/function-host.ts';
import { readWorkflow } from '../workflows/definition.ts';
import { createExecutions, type Executions } from '../workflows/executions.ts';
import type { RunContext } from './run-context.ts';

export interface Events {
  bus: EventBus;
  deliveries: Deliveries;
  executions: Executions;
  objectEvents: ObjectEvents;
}

export function connectEvents(context: RunContext, host: FunctionHost, messaging: FauxqsEmulator): Events {
  const { options, stack, journal, report } = context;
  const publish = publishTo(messaging);
  const deliveries = createDeliveries({
    journal,
    twice: options.duplicateDeliveries ?? false,
    report,
    deliver: (delivery) => deliver(delivery),
  });
  const bus = createEventBus(stack, deliveries);
  const machines = stack
    .ofType('AWS::StepFunctions::StateMachine')
    .map((machine) => readWorkflow(stack, machine, report));
  const executions = createExecutions(machines, { host, messaging, bus, publish }, journal, bus);
  const deliver = createTargets({
    stack,
    host,
    messaging,
    publish,
    startExecution: (stateMachineArn, input, name) => {
      executions.start({ stateMachineArn, input, name, adoptEnded: true });
    },
    putEvent: (busName, payload) => {
      const { source, 'detail-type': detailType, detail, resources } = JSON.parse(payload);
      bus.put({ source, detailType, detail, resources, busName });
    },
  });
  createTopics(stack, messaging, deliveries, report);
  const objectEvents = sendObjectEvents(createBuckets(stack, messaging), messaging, bus, journal);
  return { bus, deliveries, executions, objectEvents };
}
