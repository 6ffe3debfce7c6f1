import { UnusableError } from './errors.ts';

/** The option's time as the service wants it, in UTC. Throws UnusableError for what is none. */
export function readTime(option: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  throw new UnusableError(`--${option} '${text}' is no time`, 'Write it like 2026-09-01T06:00:00Z.');
}
