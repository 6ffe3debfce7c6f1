import { defineConfig } from 'vitest/config';

/** The journeys against a stack that runs elsewhere; `test/support/find-stack.ts` says how it is found. */
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    globalSetup: 'test/support/find-stack.ts',
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 4,
    passWithNoTests: false,
  },
});
