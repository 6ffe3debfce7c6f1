/** What has to be undone when a stack stops, or when its start fails half-way: in reverse order, each once. */
export interface Shutdown {
  add(step: () => void | Promise<void>): void;
  run(): Promise<void>;
}

export function createShutdown(): Shutdown {
  const steps: Array<() => void | Promise<void>> = [];
  return {
    add: (step) => {
      steps.push(step);
    },
    async run() {
      for (let step = steps.pop(); step; step = steps.pop()) await step();
    },
  };
}
