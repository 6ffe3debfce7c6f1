import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

export interface BundleOptions {
  /** The functions to bundle; each is a file `{source}/{name}.ts`. */
  readonly names: readonly string[];
  readonly source: string;
  /** Receives `{name}/index.mjs` and its source map. */
  readonly outdir: string;
}

/** A function that the stack needs has no source file. */
export class MissingFunctionError extends Error {
  override readonly name = 'MissingFunctionError';
}

/**
 * Some of what is bundled is CommonJS and calls `require` for Node's own modules, which an ES module does not have.
 * The name can't meet one of the bundle's own.
 */
const requireForCommonJs = [
  "import { createRequire as __createRequire } from 'node:module';",
  'const require = __createRequire(import.meta.url);',
].join('\n');

/** Zod brings its messages in some fifty languages, a third of each bundle; Rollcall's are in English, which stays. */
const onlyEnglish: Plugin = {
  name: 'only-english',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({ contents: 'export {};' }));
  },
};

/**
 * Who imports `node:http` as an ES module makes Node read all that it exports, one of which loads the whole of `fetch`: 27 ms
 * of each cold start. `require` reads nothing that is not asked for.
 */
const onlyWhatIsUsedOfHttp: Plugin = {
  name: 'only-what-is-used-of-http',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?http$/ }, ({ kind }) =>
      kind === 'require-call' ? { path: 'node:http', external: true } : { path: 'http', namespace: 'required' },
    );
    onLoad({ filter: /^http$/, namespace: 'required' }, () => ({ contents: "module.exports = require('node:http');" }));
  },
};

/**
 * Bundles all functions in one esbuild call, which parses what they share only once. The AWS SDK is bundled in: what
 * was tested is what runs, and a bundled SDK starts faster than the runtime's.
 */
export async function bundleFunctions({ names, source, outdir }: BundleOptions): Promise<void> {
  const missing = names.filter((name) => !existsSync(join(source, `${name}.ts`)));
  if (missing.length > 0) {
    throw new MissingFunctionError(
      `No source file for ${missing.join(', ')}: expected ${source}/{name}.ts for each function of the model's environments.`,
    );
  }
  await build({
    entryPoints: names.map((name) => ({ in: join(source, `${name}.ts`), out: `${name}/index` })),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    plugins: [onlyEnglish, onlyWhatIsUsedOfHttp],
    banner: { js: requireForCommonJs },
    minify: true,
    // Error names are matched by the state machine and read by people.
    keepNames: true,
    // Beside the bundle for reading stack traces; never deployed, because Node would parse it at every cold start.
    sourcemap: 'external',
    sourcesContent: false,
    logLevel: 'warning',
  });
}
