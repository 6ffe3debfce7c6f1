import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { environments } from '../../lambdas/model/environments.ts';
import { rollcallApp } from '../../lib/rollcall-app.ts';

/** The context that `cdk` and `bin/rollcall.ts` pass in. */
export const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')) as {
  context: Record<string, unknown>;
};

export interface TestApp {
  readonly app: App;
  readonly stack: Stack;
}

/**
 * The app for a stage, over functions that do nothing: what is bundled changes no property of the template.
 * @param settings override the stage's.
 */
export async function makeApp(stage: string, settings: Record<string, unknown> = {}): Promise<TestApp> {
  const directory = mkdtempSync(join(tmpdir(), 'rollcall-synth-'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  const app = await rollcallApp({
    // As the CDK command line does, so that resources say where their assets are.
    context: { ...context, stage, settings, 'aws:cdk:enable-asset-metadata': true },
    outdir: join(directory, 'cdk.out'),
    functions: emptyFunctions(join(directory, 'functions')),
    bundles: join(directory, 'bundles'),
  });
  return { app, stack: app.node.findChild('Rollcall') as Stack };
}

/** The template of a stage. */
export async function synthesize(stage: string, settings: Record<string, unknown> = {}): Promise<Template> {
  return Template.fromStack((await makeApp(stage, settings)).stack);
}

function emptyFunctions(directory: string): string {
  mkdirSync(directory);
  for (const name of Object.keys(environments)) {
    writeFileSync(join(directory, `${name}.ts`), `export const handler = async () => '${name}';\n`);
  }
  return directory;
}
