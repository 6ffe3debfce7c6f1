/** The synthesized stack as the local run sees it: resources by type, with every name, ARN and attribute resolvable. */
import type { Assembly, TemplateResource } from './assembly.ts';
import { ACCOUNT_ID, identityOf, type LocalAddresses, REGION, type ResourceIdentity } from './aws-names.ts';
import { type IntrinsicScope, NO_VALUE, resolve } from './intrinsics.ts';

export interface StackModel {
  stackName: string;
  resources: TemplateResource[];
  ofType(...types: string[]): TemplateResource[];
  /** By logical id; the hash that CDK appends to it may be left out where that is unambiguous. */
  find(logicalId: string): TemplateResource | undefined;
  /** The physical name, e.g. of a table or function. */
  nameOf(logicalId: string): string;
  /** A template value with its intrinsics evaluated. */
  resolve<T = unknown>(value: unknown): T;
  /** The resource's properties, resolved. */
  properties<T = Record<string, unknown>>(resource: TemplateResource): T;
  /** Records what a custom resource answered, so that others may refer to it. */
  setIdentity(logicalId: string, identity: ResourceIdentity): void;
  outputs(): Record<string, string>;
  assetPath(objectKey: string): string | undefined;
}

export function createStackModel(assembly: Assembly, addresses: LocalAddresses): StackModel {
  const { template, stackName } = assembly;
  const conditions = new Map<string, boolean>();
  const identities = new Map<string, ResourceIdentity & { name: string }>();

  const scope: IntrinsicScope = {
    ref: (name) => pseudoParameter(name, stackName) ?? parameter(name) ?? identity(name).ref,
    attribute: (logicalId, attribute) => attributeOf(logicalId, attribute),
    condition: (name) => {
      const known = conditions.get(name);
      if (known !== undefined) return known;
      const value = Boolean(resolve(template.Conditions?.[name], scope));
      conditions.set(name, value);
      return value;
    },
    mapping: (map, first, second) => template.Mappings?.[map]?.[first]?.[second],
  };

  const parameter = (name: string): unknown => template.Parameters?.[name]?.Default;

  const resources: TemplateResource[] = Object.entries(template.Resources)
    .filter(([, resource]) => !resource.Condition || scope.condition(resource.Condition))
    .map(([logicalId, resource]) => ({
      logicalId,
      type: resource.Type,
      properties: resource.Properties ?? {},
      dependsOn: [resource.DependsOn ?? []].flat(),
    }));
  const byId = new Map(resources.map((resource) => [resource.logicalId, resource]));

  function identity(logicalId: string): ResourceIdentity & { name: string } {
    const known = identities.get(logicalId);
    if (known) return known;
    const resource = byId.get(logicalId);
    if (!resource) throw new Error(`The template refers to ${logicalId}, which it does not define.`);
    if (isCustomResource(resource.type)) {
      throw new Error(`${logicalId} (${resource.type}) is referred to before it was created.`);
    }
    const made = identityOf({ ...resource, properties: namingProperties(resource) }, stackName, addresses);
    identities.set(logicalId, made);
    return made;
  }

  // Only plain text and flags can be part of a name. Resolving everything here could go round in circles.
  function namingProperties(resource: TemplateResource): Record<string, unknown> {
    const shallow = Object.entries(resource.properties).filter(
      ([key, value]) => typeof value !== 'object' || key.endsWith('Name'),
    );
    return Object.fromEntries(shallow.map(([key, value]) => [key, resolve(value, scope)]));
  }

  function attributeOf(logicalId: string, attribute: string): unknown {
    const { attributes } = identity(logicalId);
    if (attribute in attributes) return attributes[attribute];
    const type = byId.get(logicalId)?.type;
    throw new Error(`The template reads ${attribute} of ${logicalId} (${type}), which the local run does not provide.`);
  }

  function find(logicalId: string): TemplateResource | undefined {
    const hashed = resources.filter(
      (resource) =>
        resource.logicalId.startsWith(logicalId) && /^[0-9A-F]{8}$/.test(resource.logicalId.slice(logicalId.length)),
    );
    return byId.get(logicalId) ?? (hashed.length === 1 ? hashed[0] : undefined);
  }

  // The host that CDK joins together for an HTTP API exists only on AWS.
  const localUrls = (text: string): string =>
    text.replace(/https:\/\/([a-z0-9]+)\.execute-api\.us-east-1\.amazonaws\.com/g, addresses.apiUrl);
  const resolveValue = (value: unknown): unknown => withLocalUrls(resolve(value, scope), localUrls);

  return {
    stackName,
    resources,
    ofType: (...types) => resources.filter(({ type }) => types.includes(type)),
    find,
    nameOf: (logicalId) => identity(find(logicalId)?.logicalId ?? logicalId).name,
    resolve: <T>(value: unknown) => resolveValue(value) as T,
    properties: <T>(resource: TemplateResource) => resolveValue(resource.properties) as T,
    setIdentity: (logicalId, made) => identities.set(logicalId, { name: made.ref, ...made }),
    outputs: () =>
      Object.fromEntries(
        Object.entries(template.Outputs ?? {})
          .filter(([, output]) => !output.Condition || scope.condition(output.Condition))
          .map(([name, output]) => [name, String(resolveValue(output.Value))]),
      ),
    assetPath: assembly.assetPath,
  };
}

export function isCustomResource(type: string): boolean {
  return type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource';
}

function pseudoParameter(name: string, stackName: string): unknown {
  const values: Record<string, unknown> = {
    'AWS::AccountId': ACCOUNT_ID,
    'AWS::Region': REGION,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': stackName,
    'AWS::StackId': `arn:aws:cloudformation:${REGION}:${ACCOUNT_ID}:stack/${stackName}/local`,
    'AWS::NotificationARNs': [],
    'AWS::NoValue': NO_VALUE,
  };
  return values[name];
}

function withLocalUrls(value: unknown, localUrls: (text: string) => string): unknown {
  if (typeof value === 'string') return localUrls(value);
  if (Array.isArray(value)) return value.map((item) => withLocalUrls(item, localUrls));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withLocalUrls(item, localUrls)]));
}
