import { defineConfig } from 'vitest/config';

const onStack = ['test/e2e/**/*.test.ts', 'test/faults/**/*.test.ts'];

export default defineConfig({
  test: {
    // The stack under test starts real emulators: a first boot on a slow machine takes a while.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // Two embedded stacks side by side would only fight for the same two cores.
    maxWorkers: 2,
    passWithNoTests: false,
    projects: [
      {
        extends: true,
        test: { name: 'parts', include: ['test/**/*.test.ts'], exclude: [...onStack, 'test/second-opinion/**'] },
      },
      {
        extends: true,
        // Nothing waits this long; but on a busy machine everything takes its time.
        test: { name: 'stack', include: onStack, globalSetup: 'test/support/serve-stack.ts', testTimeout: 300_000 },
      },
    ],
  },
});
