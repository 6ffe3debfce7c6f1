import { vi } from 'vitest';
import type { FunctionName } from '../../lambdas/model/environments.ts';
import { createLogger } from '../../lambdas/runtime/logger.ts';

/** Records what the function's logger is told: level, message and further arguments as one JSON text a line. */
export function recordLogLines(name: FunctionName): string[] {
  const lines: string[] = [];
  const logger = createLogger(name);
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    vi.spyOn(logger, level).mockImplementation((message, ...extra) => {
      const plain = extra.map((item) => (item instanceof Error ? { ...item, message: item.message } : item));
      lines.push(JSON.stringify({ level, message, extra: plain }));
    });
  }
  return lines;
}
