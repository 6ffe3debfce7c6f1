import type { Template } from 'aws-cdk-lib/assertions';
import type { FunctionName } from '../../lambdas/model/environments.ts';

/** A resource of a template, as loosely typed as templates are. */
export interface Resource {
  // biome-ignore lint/suspicious/noExplicitAny: every resource type has its own properties.
  readonly Properties: any;
  readonly DeletionPolicy?: string;
  readonly DependsOn?: readonly string[];
}

/** All resources of a type by logical id. */
export function resourcesOf(template: Template, type: string): Record<string, Resource> {
  return template.findResources(type) as Record<string, Resource>;
}

/** The one resource of a type whose logical id starts so. */
export function resourceOf(template: Template, type: string, start = ''): Resource {
  const found = Object.entries(resourcesOf(template, type)).filter(([id]) => id.startsWith(start));
  if (found.length !== 1)
    throw new Error(`expected one ${type} ${start}…, found ${found.map(([id]) => id).join(', ')}`);
  return (found[0] as [string, Resource])[1];
}

/** The functions by name, each with its logical id. */
export function functionsOf(template: Template): Map<FunctionName, Resource & { readonly id: string }> {
  return new Map(
    Object.entries(resourcesOf(template, 'AWS::Lambda::Function')).map(([id, resource]) => [
      resource.Properties.FunctionName.replace(/^rollcall-[a-z]+-/, ''),
      { id, ...resource },
    ]),
  );
}

/** A function's permissions: one entry for each action on each resource, the resource as readable text. */
export function permissionsOf(template: Template, name: FunctionName): { action: string; resource: string }[] {
  const role = functionsOf(template).get(name)?.Properties.Role['Fn::GetAtt'][0];
  return Object.values(resourcesOf(template, 'AWS::IAM::Policy'))
    .filter(({ Properties }) => Properties.Roles.some((attached: { Ref: string }) => attached.Ref === role))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .flatMap(({ Action, Resource }) =>
      [Action]
        .flat()
        .flatMap((action) => [Resource].flat().map((resource) => ({ action, resource: readable(resource) }))),
    );
}

/** `{"Fn::Join": ["", [{"Fn::GetAtt": ["Sheets71F0", "Arn"]}, "/chunks/*"]]}` → `Sheets/chunks/*`. */
export function readable(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Record<string, [string, unknown[]]>;
  if (join) return join[1].map(readable).join(join[0]);
  return String(Ref ?? attribute?.[0]).replace(/[0-9A-F]{8}$/, '');
}
