import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The stack under test starts real emulators: a first boot on a slow machine takes a while.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // Two embedded stacks side by side would only fight for the same two cores.
    maxWorkers: 2,
    passWithNoTests: false,
  },
});
