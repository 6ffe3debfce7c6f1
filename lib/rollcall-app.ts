import { App } from 'aws-cdk-lib';
import { environments } from '../lambdas/model/environments.ts';
import { bundleFunctions } from './bundle-functions.ts';
import { RollcallStack } from './rollcall-stack.ts';
import { readStage } from './stage.ts';

export interface RollcallAppOptions {
  /** Context values, e.g. `stage` and `stages`; what the CDK command line says goes before them. */
  readonly context: Readonly<Record<string, unknown>>;
  /** Receives the cloud assembly. */
  readonly outdir: string;
  /** The directory of the functions' sources. */
  readonly functions: string;
  /** Receives one bundle a function. */
  readonly bundles: string;
}

/** The app with its one stack, ready to synthesize: the stage's settings checked, the functions bundled. */
export async function rollcallApp({ context, outdir, functions, bundles }: RollcallAppOptions): Promise<App> {
  const app = new App({ context: { ...context }, outdir, analyticsReporting: false });
  const stage = { ...readStage(app.node), bundles };
  await bundleFunctions({ names: Object.keys(environments), source: functions, outdir: bundles });
  new RollcallStack(app, 'Rollcall', {
    stackName: `rollcall-${stage.name}`,
    description: 'Rollcall: bulk data ingestion in which every row answers.',
    stage,
  });
  return app;
}
