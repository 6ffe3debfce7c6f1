/**
 * Custom resources whose provider is a function of the stack: created once, updated when their properties change.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
 */
import { randomUUID } from 'node:crypto';
import type { TemplateResource } from '../assembly/assembly.ts';
import { isCustomResource, type StackModel } from '../assembly/stack-model.ts';
import { type RestService, ServiceError } from '../control/control-server.ts';
import type { FunctionDefinition, FunctionHost } from '../functions/function-host.ts';
import type { Journal } from '../state/journal.ts';
import { CUSTOM_TYPES_WITHOUT_EFFECT } from './known-types.ts';

export interface CustomResources {
  /** Takes the answers that providers send to their response URL. */
  service: RestService;
  /** Creates or updates all of them, in the order of their references. */
  deploy(controlUrl: string): Promise<void>;
}

interface Response {
  Status: 'SUCCESS' | 'FAILED';
  Reason?: string;
  PhysicalResourceId?: string;
  Data?: Record<string, unknown>;
}

type RequestType = 'Create' | 'Update';

export function createCustomResources(
  stack: StackModel,
  host: FunctionHost,
  journal: Journal,
  warn: (message: string) => void,
): CustomResources {
  const { database } = journal;
  database.exec(
    'CREATE TABLE IF NOT EXISTS custom_resources (logicalId TEXT PRIMARY KEY, properties TEXT NOT NULL, physicalId TEXT NOT NULL, data TEXT NOT NULL)',
  );
  const select = database.prepare('SELECT properties, physicalId, data FROM custom_resources WHERE logicalId = ?');
  const save = database.prepare('INSERT OR REPLACE INTO custom_resources VALUES (?, ?, ?, ?)');
  const awaited = new Map<string, (response: Response) => void>();

  async function deployOne(resource: TemplateResource, controlUrl: string): Promise<void> {
    const { logicalId, type } = resource;
    if (CUSTOM_TYPES_WITHOUT_EFFECT.has(type)) return stack.setIdentity(logicalId, { ref: logicalId, attributes: {} });
    const properties = asCloudFormationSends(stack.properties(resource)) as Record<string, unknown>;
    const provider = host.find(String(properties.ServiceToken));
    if (!provider) {
      warn(`${logicalId} (${type}) is left out: its provider is not a function that runs here.`);
      return stack.setIdentity(logicalId, { ref: logicalId, attributes: {} });
    }
    const written = JSON.stringify(properties);
    const former = select.get(logicalId) as { properties: string; physicalId: string; data: string } | undefined;
    if (former?.properties === written) {
      return stack.setIdentity(logicalId, { ref: former.physicalId, attributes: JSON.parse(former.data) });
    }
    const requestType: RequestType = former ? 'Update' : 'Create';
    const event = {
      RequestType: requestType,
      ServiceToken: properties.ServiceToken,
      StackId: stack.resolve({ Ref: 'AWS::StackId' }),
      RequestId: randomUUID(),
      LogicalResourceId: logicalId,
      ResourceType: type,
      ResourceProperties: properties,
      ...(former
        ? { PhysicalResourceId: former.physicalId, OldResourceProperties: JSON.parse(former.properties) }
        : {}),
    };
    const response = await ask(provider, event, controlUrl);
    if (response.Status === 'FAILED')
      throw new Error(`${requestType} of ${logicalId} (${type}) failed: ${response.Reason ?? 'no reason given'}`);
    const physicalId = response.PhysicalResourceId ?? former?.physicalId ?? event.RequestId;
    save.run(logicalId, written, physicalId, JSON.stringify(response.Data ?? {}));
    stack.setIdentity(logicalId, { ref: physicalId, attributes: response.Data ?? {} });
  }

  async function ask(
    provider: FunctionDefinition,
    event: Record<string, unknown>,
    controlUrl: string,
  ): Promise<Response> {
    // CDK's provider framework only passes events on to the function that has the code, and answers over HTTPS only.
    const behind = host.find(provider.variables().USER_ON_EVENT_FUNCTION_ARN ?? '');
    if (behind) return { Status: 'SUCCESS', ...((await invoke(behind, event)) as Partial<Response> | null) };
    const token = randomUUID();
    const responded = new Promise<Response>((resolve) => awaited.set(token, resolve));
    try {
      await invoke(provider, { ...event, ResponseURL: `${controlUrl}/custom-resources/${token}` });
      return await Promise.race([responded, silence(provider)]);
    } finally {
      awaited.delete(token);
    }
  }

  async function invoke(provider: FunctionDefinition, event: unknown): Promise<unknown> {
    const outcome = await host.invoke(provider, event, 'now');
    if (outcome.ok) return JSON.parse(outcome.payload);
    const { errorType, errorMessage } = outcome.error;
    throw new Error(`The custom resource provider ${provider.name} failed: ${errorType}: ${errorMessage}`);
  }

  return {
    service: ({ method, path, body }) => {
      const [kind, token = ''] = path;
      if (method !== 'PUT' || kind !== 'custom-resources') return undefined;
      const respond = awaited.get(token);
      if (!respond) throw new ServiceError('ResourceNotFoundException', 'Nobody waits for this answer any more.', 404);
      respond(JSON.parse(body) as Response);
      return {};
    },
    async deploy(controlUrl) {
      for (const resource of inOrderOfReference(stack.resources.filter(({ type }) => isCustomResource(type)))) {
        await deployOne(resource, controlUrl);
      }
    },
  };
}

/** How long after its end a provider's answer may still arrive. */
const SILENCE_MS = 5_000;

function silence(provider: FunctionDefinition): Promise<never> {
  return new Promise((_resolve, reject) => {
    setTimeout(
      () =>
        reject(new Error(`The custom resource provider ${provider.name} ended without an answer to its response URL.`)),
      SILENCE_MS,
    ).unref();
  });
}

/** CloudFormation sends every scalar as text. */
function asCloudFormationSends(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asCloudFormationSends);
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asCloudFormationSends(item)]));
  }
  return String(value);
}

function inOrderOfReference(resources: TemplateResource[]): TemplateResource[] {
  const ordered = new Set<TemplateResource>();
  const visit = (resource: TemplateResource): void => {
    const text = JSON.stringify([resource.properties, resource.dependsOn]);
    for (const other of resources) {
      if (other !== resource && !ordered.has(other) && text.includes(other.logicalId)) visit(other);
    }
    ordered.add(resource);
  };
  for (const resource of resources) if (!ordered.has(resource)) visit(resource);
  return [...ordered];
}
