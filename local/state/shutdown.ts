/** What has to be undone when a stack stops, or when its start fails half-way: in reverse order, each once. */
export function createShutdown() {
  const steps: Array<() => void | Promise<void>> = [];
  return {
    add: (step: () => void | Promise<void>): void => {
      steps.push(step);
    },
    async run(): Promise<void> {
      for (let step = steps.pop(); step; step = steps.pop()) await step();
    },
  };
}
