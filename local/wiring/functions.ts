/** Sets up the host of the stack's functions. */
import { join } from 'node:path';
import { lambdaEnvironment, readFunctions } from '../functions/function-definitions.ts';
import { createFunctionHost, type FunctionHost } from '../functions/function-host.ts';
import type { RunContext } from './run-context.ts';

/** Two cores keep eight waiting functions busy; more threads would only cost memory. */
const DEFAULT_CONCURRENCY = 8;

export function hostFunctions({
  options,
  stack,
  state,
  functionEndpoints,
  report,
  shutdown,
}: RunContext): FunctionHost {
  const { logTo = 'file', hostConcurrency = DEFAULT_CONCURRENCY, environmentOverrides = {} } = options;
  const definitions = readFunctions(stack, {
    inlineCodeDirectory: state.inlineCodeDirectory,
    overrides: environmentOverrides,
    warn: report,
  });
  const host = createFunctionHost({
    definitions,
    concurrency: hostConcurrency,
    log: (functionName) => (logTo === 'file' ? { file: state.logFile(functionName) } : logTo),
    baseEnvironment: (definition, accessKeyId) => ({
      ...lambdaEnvironment(definition, accessKeyId, functionEndpoints),
      // What Node compiled, for the next thread and the next run. Beside the bundles it goes when they go.
      NODE_COMPILE_CACHE: join(options.assemblyDirectory, 'compile-cache'),
    }),
  });
  shutdown.add(() => host.stop());
  return host;
}
