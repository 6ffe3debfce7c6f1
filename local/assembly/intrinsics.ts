/** CloudFormation's intrinsic functions, evaluated against names and attributes that the local run made up. */

export interface IntrinsicScope {
  /** The value of `Ref` for a parameter, pseudo parameter or resource. */
  ref(name: string): unknown;
  attribute(logicalId: string, attribute: string): unknown;
  condition(name: string): boolean;
  mapping(map: string, first: string, second: string): unknown;
}

/** Stands for a property that is to be left out (`AWS::NoValue`). */
export const NO_VALUE = Symbol('AWS::NoValue');

type Evaluate = (argument: unknown, scope: IntrinsicScope) => unknown;

const functions: Record<string, Evaluate> = {
  Ref: (name, scope) => scope.ref(String(name)),
  'Fn::GetAtt': (argument, scope) => {
    const [logicalId, ...path] = Array.isArray(argument) ? argument.map(String) : String(argument).split('.');
    return scope.attribute(logicalId ?? '', path.join('.'));
  },
  'Fn::Join': (argument, scope) => {
    const [separator, parts] = argument as [string, unknown];
    return (resolve(parts, scope) as unknown[]).map(asText).join(separator);
  },
  'Fn::Sub': (argument, scope) => substitute(argument, scope),
  'Fn::Select': (argument, scope) => {
    const [index, list] = resolve(argument, scope) as [number | string, unknown[]];
    return list[Number(index)];
  },
  'Fn::Split': (argument, scope) => {
    const [separator, text] = resolve(argument, scope) as [string, string];
    return text.split(separator);
  },
  'Fn::If': (argument, scope) => {
    const [name, whenTrue, whenFalse] = argument as [string, unknown, unknown];
    return resolve(scope.condition(name) ? whenTrue : whenFalse, scope);
  },
  'Fn::FindInMap': (argument, scope) => {
    const [map, first, second] = resolve(argument, scope) as [string, string, string];
    return scope.mapping(map, first, second);
  },
  'Fn::Base64': (argument, scope) => Buffer.from(asText(resolve(argument, scope))).toString('base64'),
  'Fn::GetAZs': () => ['us-east-1a', 'us-east-1b', 'us-east-1c'],
  'Fn::Equals': (argument, scope) => {
    const [left, right] = resolve(argument, scope) as [unknown, unknown];
    return asText(left) === asText(right);
  },
  'Fn::Not': (argument, scope) => !(resolve(argument, scope) as [unknown])[0],
  'Fn::And': (argument, scope) => (resolve(argument, scope) as unknown[]).every(Boolean),
  'Fn::Or': (argument, scope) => (resolve(argument, scope) as unknown[]).some(Boolean),
  Condition: (name, scope) => scope.condition(String(name)),
};

/** The value with every intrinsic function in it evaluated; properties that resolve to `AWS::NoValue` are left out. */
export function resolve(value: unknown, scope: IntrinsicScope): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope)).filter((item) => item !== NO_VALUE);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first) {
    const [name, argument] = first;
    // "Condition" is an intrinsic only inside conditions: elsewhere (IAM statements) it holds an object.
    const evaluate = name === 'Condition' && typeof argument !== 'string' ? undefined : functions[name];
    if (evaluate) return evaluate(argument, scope);
    if (name.startsWith('Fn::')) throw new Error(`The template uses ${name}, which the local run does not evaluate.`);
  }
  return Object.fromEntries(
    entries.map(([key, item]) => [key, resolve(item, scope)] as const).filter(([, item]) => item !== NO_VALUE),
  );
}

function substitute(argument: unknown, scope: IntrinsicScope): string {
  const [text, variables] = Array.isArray(argument)
    ? (argument as [string, Record<string, unknown>])
    : [String(argument), {}];
  return text.replace(/\$\{(!?)([^}]+)\}/g, (_whole, literal: string, name: string) => {
    if (literal) return `\${${name}}`;
    if (name in variables) return asText(resolve(variables[name], scope));
    const [logicalId, ...path] = name.split('.');
    return asText(path.length > 0 ? scope.attribute(logicalId ?? '', path.join('.')) : scope.ref(name));
  });
}

function asText(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
