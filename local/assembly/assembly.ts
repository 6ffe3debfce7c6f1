/** Reads a synthesized cloud assembly (`cdk.out`) from disk: the stack's template and where its assets lie. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One resource of the template, its intrinsics not yet resolved. */
export interface TemplateResource {
  logicalId: string;
  type: string;
  properties: Record<string, unknown>;
  dependsOn: string[];
}

/** The part of a CloudFormation template that a local run needs. */
export interface Template {
  Resources: Record<
    string,
    { Type: string; Properties?: Record<string, unknown>; DependsOn?: string | string[]; Condition?: string }
  >;
  Outputs?: Record<string, { Value: unknown; Condition?: string }>;
  Parameters?: Record<string, { Default?: unknown; Type?: string }>;
  Conditions?: Record<string, unknown>;
  Mappings?: Record<string, Record<string, Record<string, unknown>>>;
}

export interface Assembly {
  stackName: string;
  template: Template;
  /** Where the asset with this S3 object key lies on disk: a directory, or a file for file assets. */
  assetPath(objectKey: string): string | undefined;
}

interface Manifest {
  artifacts?: Record<string, { type: string; displayName?: string; properties?: Record<string, unknown> }>;
}

interface AssetManifest {
  files?: Record<string, { source: { path?: string }; destinations: Record<string, { objectKey: string }> }>;
}

/**
 * @param directory the assembly, usually `cdk.out`
 * @param stackName needed only when the assembly holds more than one stack
 */
export function readAssembly(directory: string, stackName?: string): Assembly {
  const manifestPath = join(directory, 'manifest.json');
  if (!existsSync(manifestPath)) {
    throw new Error(`No cloud assembly in ${directory}: manifest.json is missing. Synthesize the app first.`);
  }
  const { artifacts = {} } = readJson<Manifest>(manifestPath);
  const stacks = Object.entries(artifacts).filter(([, artifact]) => artifact.type === 'aws:cloudformation:stack');
  const name = (id: string, properties?: Record<string, unknown>) => (properties?.stackName as string) ?? id;
  const chosen = stackName
    ? stacks.filter(([id, a]) => name(id, a.properties) === stackName || id === stackName)
    : stacks;
  const [stack] = chosen;
  if (!stack || chosen.length > 1) {
    const names = stacks.map(([id, artifact]) => name(id, artifact.properties)).join(', ') || 'none';
    throw new Error(`Expected one stack${stackName ? ` named ${stackName}` : ''} in ${directory}, found: ${names}.`);
  }
  const [id, artifact] = stack;
  return {
    stackName: name(id, artifact.properties),
    template: readJson<Template>(join(directory, artifact.properties?.templateFile as string)),
    assetPath: assetIndex(directory, id),
  };
}

function assetIndex(directory: string, stackId: string): (objectKey: string) => string | undefined {
  const manifestPath = join(directory, `${stackId}.assets.json`);
  const { files = {} } = existsSync(manifestPath) ? readJson<AssetManifest>(manifestPath) : {};
  const paths = new Map<string, string>();
  for (const { source, destinations } of Object.values(files)) {
    if (!source.path) continue;
    for (const { objectKey } of Object.values(destinations)) paths.set(objectKey, join(directory, source.path));
  }
  return (objectKey) => paths.get(objectKey);
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}
