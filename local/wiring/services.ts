/** Starts the AWS services that the local run provides itself, and creates the custom resources, which need them. */
import { startControlServer } from '../control/control-server.ts';
import { eventsActions } from '../control/events-actions.ts';
import { lambdaService } from '../control/lambda-service.ts';
import { createScheduler, type Scheduler } from '../control/scheduler.ts';
import { createSecrets, type Secrets } from '../control/secrets.ts';
import { statesActions } from '../control/states-actions.ts';
import { createCustomResources } from '../deployment/custom-resources.ts';
import { startAwsProxy } from '../faults/aws-interceptor.ts';
import type { FunctionHost } from '../functions/function-host.ts';
import type { Events } from './events.ts';
import type { RunContext } from './run-context.ts';

export interface Services {
  secrets: Secrets;
  scheduler: Scheduler;
}

export async function startServices(context: RunContext, host: FunctionHost, events: Events): Promise<Services> {
  const { stack, journal, ports, endpoints, report, shutdown } = context;
  const { bus, deliveries, executions } = events;
  const secrets = createSecrets(stack, journal);
  const scheduler = createScheduler(stack, deliveries, journal);
  const customResources = createCustomResources(stack, host, journal, report);
  const control = await startControlServer(
    ports.control,
    { ...statesActions(executions), ...eventsActions(bus), ...secrets.actions },
    [lambdaService(host, deliveries), scheduler.service, customResources.service],
  );
  shutdown.add(() => control.stop());
  await startProxy(context, host);
  await customResources.deploy(endpoints.control);
  return { secrets, scheduler };
}

async function startProxy({ options, ports, endpoints, shutdown }: RunContext, host: FunctionHost): Promise<void> {
  if (!options.interceptor) return;
  const { control, ...emulated } = endpoints;
  const direct = new Map(Object.entries(emulated));
  const proxy = await startAwsProxy({
    port: ports.proxy,
    interceptor: options.interceptor,
    endpointOf: (service) => direct.get(service) ?? control,
    workerByAccessKey: host.workerByAccessKey,
  });
  shutdown.add(() => proxy.stop());
}
