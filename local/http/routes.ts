/** The routes of an HTTP API and which of them a request takes. */

export interface Route {
  /** As in the template: `GET /items/{id}`, `ANY /{proxy+}` or `$default`. */
  routeKey: string;
  functionArn: string;
  timeoutMs: number;
  authorizerId?: string;
}

export interface RouteMatch {
  route: Route;
  pathParameters?: Record<string, string>;
}

interface CompiledRoute {
  route: Route;
  method: string;
  segments: string[];
}

/** @returns undefined when no route takes the request. The path is not decoded yet. */
export type RouteTable = (method: string, path: string) => RouteMatch | undefined;

export function createRouteTable(routes: Route[]): RouteTable {
  const fallback = routes.find(({ routeKey }) => routeKey === '$default');
  const compiled = routes
    .filter((route) => route !== fallback)
    .map(compile)
    .sort(bySpecificity);
  return (method, path) => {
    const segments = split(path);
    for (const { route, method: accepted, segments: expected } of compiled) {
      if (accepted !== 'ANY' && accepted !== method) continue;
      const pathParameters = match(expected, segments);
      if (pathParameters) return { route, ...(Object.keys(pathParameters).length > 0 ? { pathParameters } : {}) };
    }
    return fallback && { route: fallback };
  };
}

function compile(route: Route): CompiledRoute {
  const [method = 'ANY', path = '/'] = route.routeKey.split(' ');
  return { route, method, segments: split(path) };
}

function split(path: string): string[] {
  return path.split('/').filter(Boolean);
}

/** API Gateway takes the most specific route: a literal before a parameter before the rest of the path, a method before ANY. */
function bySpecificity(a: CompiledRoute, b: CompiledRoute): number {
  for (let index = 0; index < Math.max(a.segments.length, b.segments.length); index++) {
    const difference = weight(b.segments[index]) - weight(a.segments[index]);
    if (difference !== 0) return difference;
  }
  return Number(a.method === 'ANY') - Number(b.method === 'ANY');
}

function weight(segment: string | undefined): number {
  if (segment === undefined) return 1;
  if (!segment.startsWith('{')) return 3;
  return segment.endsWith('+}') ? 0 : 2;
}

function match(expected: string[], actual: string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, segment] of expected.entries()) {
    const value = actual[index];
    if (value === undefined) return undefined;
    if (segment.endsWith('+}')) {
      parameters[segment.slice(1, -2)] = actual.slice(index).map(decode).join('/');
      return parameters;
    }
    if (segment.startsWith('{')) parameters[segment.slice(1, -1)] = decode(value);
    else if (segment !== decode(value)) return undefined;
  }
  return expected.length === actual.length ? parameters : undefined;
}

/** A path that is not well encoded is taken as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
