import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MissingFunctionError } from '../lib/bundle-functions.ts';
import { rollcallApp } from '../lib/rollcall-app.ts';
import { StageError } from '../lib/stage.ts';

// `cdk` runs this file and passes what it was told in its environment. Run by itself it reads `cdk.json` and takes the
// same two options: `node bin/rollcall.ts -c stage=local -o cdk.out`.
const root = join(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    context: { type: 'string', short: 'c', multiple: true, default: [] },
    output: { type: 'string', short: 'o', default: process.env.CDK_OUTDIR ?? join(root, 'cdk.out') },
  },
});
const { context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8'));
const given = values.context.map((pair) => /^([^=]+)=(.*)$/s.exec(pair)?.slice(1) ?? [pair, 'true']);

try {
  const app = await rollcallApp({
    context: { ...context, ...Object.fromEntries(given) },
    outdir: values.output,
    functions: join(root, 'lambdas/functions'),
    bundles: join(root, 'dist/functions'),
  });
  app.synth();
} catch (error) {
  // What the operator can mend needs no stack trace.
  if (!(error instanceof StageError || error instanceof MissingFunctionError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
