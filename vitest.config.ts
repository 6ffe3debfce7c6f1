import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const onStack = ['test/e2e/**/*.test.ts', 'test/faults/**/*.test.ts'];

/** Files that wait for a stack's own times: begun last, one of them would keep the whole run waiting. */
const slow = ['/test/start/', '/test/faults/', '/test/e2e/'];

class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const found = slow.findIndex((part) => moduleId.includes(part));
      return found === -1 ? slow.length : found;
    };
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: SlowestFirst },
    // The stack under test starts real emulators: a first boot on a slow machine takes a while.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // What is waited for comes when it comes: on a busy machine, later than the one second that is the default.
    expect: { poll: { timeout: 30_000 } },
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
