/** Lambda's Invoke. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
import type { Deliveries } from '../events/deliveries.ts';
import type { FunctionHost } from '../functions/function-host.ts';
import { type RestService, ServiceError } from './control-server.ts';

export function lambdaService(host: FunctionHost, deliveries: Deliveries): RestService {
  return async ({ method, path, headers, body }) => {
    const [version, kind, name, action] = path;
    if (method !== 'POST' || version !== '2015-03-31' || kind !== 'functions' || action !== 'invocations')
      return undefined;
    const definition = host.find((name ?? '').split(':').slice(0, 7).join(':'));
    if (!definition) throw new ServiceError('ResourceNotFoundException', `Function not found: ${name}`, 404);
    if (headers['x-amz-invocation-type'] === 'Event') {
      deliveries.add([{ targetArn: definition.arn, payload: body || '{}' }]);
      return { status: 202 };
    }
    try {
      const outcome = await host.invoke(definition, JSON.parse(body || '{}'), 'now');
      const executed = { 'x-amz-executed-version': '$LATEST' };
      if (outcome.ok) return { headers: executed, body: outcome.payload };
      return { headers: { ...executed, 'x-amz-function-error': 'Unhandled' }, body: outcome.error };
    } catch (error) {
      if ((error as Error).name !== 'Lambda.TooManyRequestsException') throw error;
      throw new ServiceError('TooManyRequestsException', (error as Error).message, 429);
    }
  };
}
