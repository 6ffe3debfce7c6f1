/** What a rule's target receives: the event itself, a part of it, a constant, or a template filled from it. */

export interface TargetInput {
  Input?: string;
  InputPath?: string;
  InputTransformer?: { InputPathsMap?: Record<string, string>; InputTemplate: string };
}

/** @returns JSON text */
export function targetInput(event: unknown, { Input, InputPath, InputTransformer }: TargetInput): string {
  if (Input !== undefined) return Input;
  if (InputPath) return JSON.stringify(select(event, InputPath)) ?? 'null';
  if (!InputTransformer) return JSON.stringify(event);
  const { InputPathsMap = {}, InputTemplate } = InputTransformer;
  const values = Object.fromEntries(Object.entries(InputPathsMap).map(([name, path]) => [name, select(event, path)]));
  return fillTemplate(InputTemplate, { ...values, 'aws.events.event.json': event, 'aws.events.event': event });
}

/** Inside quotes a value is put in as text, outside as JSON: so EventBridge does it. */
function fillTemplate(template: string, values: Record<string, unknown>): string {
  let quoted = false;
  let result = '';
  for (const [token] of template.matchAll(/\\.|"|<[^<>\s"]+>|./gs)) {
    if (token === '"') quoted = !quoted;
    const name = token.length > 2 && token.startsWith('<') ? token.slice(1, -1) : undefined;
    result += name !== undefined && name in values ? placed(values[name], quoted) : token;
  }
  return result;
}

function placed(value: unknown, quoted: boolean): string {
  if (!quoted) return JSON.stringify(value) ?? 'null';
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return JSON.stringify(text).slice(1, -1);
}

/** The simple JSON paths that EventBridge takes: `$.detail.object.key`. */
function select(event: unknown, path: string): unknown {
  const steps = path
    .replace(/^\$\.?/, '')
    .split(/[.[\]]+/)
    .filter(Boolean);
  return steps.reduce<unknown>(
    (value, step) => (value as Record<string, unknown> | undefined)?.[step.replace(/^['"]|['"]$/g, '')],
    event,
  );
}
