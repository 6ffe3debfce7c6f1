import type { Node } from 'constructs';
import { z } from 'zod';
import { type StageSettings, stageSettingsSchema } from '../lambdas/model/settings.ts';

/** What every construct knows about the stage it stands in. */
export interface Stage {
  /** E.g. `dev`, `production`, `local`; part of the names of the stack and its functions. */
  readonly name: string;
  readonly settings: StageSettings;
  /** The directory with one bundle a function: `{bundles}/{function}/index.mjs`. */
  readonly bundles: string;
}

/** A misspelt setting would otherwise silently leave its default in force, so an unknown one is refused. */
const strictSettings = stageSettingsSchema.strict();
const settingsByStage = z.record(z.string(), z.record(z.string(), z.unknown()));
/** Function names end at 64 characters; the stage gets what `rollcall-` and `-drain-dead-letters` leave, and some air. */
const stageName = z.string().regex(/^[a-z][a-z0-9-]{0,29}$/, {
  error: 'expected a lower-case letter, then at most 29 lower-case letters, digits and hyphens',
});

/** The stage cannot be built: what is wrong with its name or its settings, all at once. */
export class StageError extends Error {
  override readonly name = 'StageError';
}

/**
 * The stage's name and settings from the app's context: `stage` (default `dev`), its entry under `stages`, and over
 * that whatever `settings` holds as JSON, for one-off runs (`-c settings='{"settleSeconds":5}'`).
 * @throws StageError naming each wrong setting.
 */
export function readStage(node: Node): Pick<Stage, 'name' | 'settings'> {
  const name = parse(stageName, node.tryGetContext('stage') ?? 'dev', 'context `stage`');
  const stages = parse(settingsByStage, node.tryGetContext('stages') ?? {}, 'context `stages`');
  const own = stages[name];
  if (own === undefined) {
    const known = Object.keys(stages).join(', ') || 'none';
    throw new StageError(`There is no stage "${name}" in cdk.json under \`stages\`: add it. Known: ${known}.`);
  }
  const settings = { ...own, ...overrides(node.tryGetContext('settings')) };
  return { name, settings: parse(strictSettings, settings, `settings of stage "${name}"`) };
}

/** Context from a command line is text, from `cdk.json` it is an object. */
function overrides(context: unknown): Record<string, unknown> {
  const subject = 'context `settings`';
  const value = typeof context === 'string' ? parseJson(context, subject) : (context ?? {});
  return parse(z.record(z.string(), z.unknown()), value, subject);
}

function parseJson(text: string, subject: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new StageError(`The ${subject} is not valid: expected a JSON object.`, { cause });
  }
}

function parse<T>(schema: z.ZodType<T>, value: unknown, subject: string): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw new StageError(`The ${subject} is not valid.\n${z.prettifyError(read.error)}`);
}
