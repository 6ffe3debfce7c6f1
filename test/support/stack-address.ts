import { inject } from 'vitest';

/** Where a stack is and what of it lies behind its API; plain data, so that it can be handed to the test files. */
export interface StackAddress {
  readonly endpoint: string;
  /** The administrator's. */
  readonly key: string;
  /** Absent when nothing but the endpoint is known; what needs them is then left out. */
  readonly resources?: StackResources;
}

export interface StackResources {
  readonly bucket: string;
  readonly controlTable: string;
  readonly registryTable: string;
  /** Of the embedded stack's emulators; absent where the AWS SDK finds the services itself. */
  readonly endpoints?: { readonly dynamodb: string; readonly s3: string };
}

declare module 'vitest' {
  interface ProvidedContext {
    stack: StackAddress;
    /** The synthesized assembly, for tests that boot stacks of their own. */
    assembly: string;
  }
}

/** The stack that all journeys share. */
export function sharedStack(): StackAddress {
  return inject('stack');
}

/** The resources by the stack's outputs. */
export function resourcesOf(outputs: Readonly<Record<string, string>>): Omit<StackResources, 'endpoints'> {
  return {
    bucket: output(outputs, 'SheetBucketName'),
    controlTable: output(outputs, 'ControlTableName'),
    registryTable: output(outputs, 'RegistryTableName'),
  };
}

export function output(outputs: Readonly<Record<string, string>>, name: string): string {
  const value = outputs[name];
  if (value === undefined) throw new Error(`The stack has no output ${name}.`);
  return value;
}
