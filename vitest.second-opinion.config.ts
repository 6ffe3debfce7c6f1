import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Where DynamoDB Local is; `.ci/dynamodb-local` gets it. Without it nothing is asked. */
const directory = process.env.ROLLCALL_DYNAMODB_LOCAL;

/** What the embedded stack asks of DynamoDB, and the tests of all that talks to tables, on AWS's own emulator. */
export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 300_000,
    maxWorkers: 2,
    passWithNoTests: false,
    projects: [
      { extends: true, test: { name: 'requests', include: ['test/second-opinion/**/*.test.ts'] } },
      ...(directory ? [onDynamoDbLocal()] : []),
    ],
  },
});

/** Those tests start the program that this variable names in place of the embedded DynamoDB. */
function onDynamoDbLocal() {
  const ROLLCALL_DYNOXIDE = fileURLToPath(new URL('test/second-opinion/dynamodb-local', import.meta.url));
  const include = ['store', 'steps', 'mapping', 'operations'].map((room) => `test/${room}/**/*.test.ts`);
  return { extends: true, test: { name: 'tables', include, env: { ROLLCALL_DYNOXIDE } } } as const;
}
