import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import fc from 'fast-check';
import { hostile, type Known, nearlyValidFor, oddPathParts, validFor } from './arbitraries.ts';
import type { Operation, Parameter } from './openapi.ts';

/** A request as it goes over the wire: nothing in between mends its path. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface RawAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

const jsonTypes = ['application/json', 'application/json; charset=utf-8', 'application/problem+json'];
const otherTypes = [
  '',
  'text/plain',
  'application/xml',
  'multipart/form-data; boundary=x',
  'json',
  'application/json-seq',
];

/** Requests to an operation: as its document has them, nearly so, and not at all. */
export function requestsTo(operation: Operation, known: Known): fc.Arbitrary<RawRequest> {
  return fc
    .record({
      path: fc.tuple(...of(operation, 'path').map((parameter) => pathPart(parameter, known))),
      query: fc.tuple(...of(operation, 'query').map((parameter) => queryPart(parameter, known))),
      further: fc.oneof({ weight: 5, arbitrary: fc.constant('') }, { weight: 1, arbitrary: oddQuery }),
      headers: fc.tuple(...of(operation, 'header').map(headerPart)),
      body: bodyOf(operation, known),
      type: fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom(...jsonTypes) },
        { weight: 1, arbitrary: fc.constantFrom(...otherTypes) },
      ),
    })
    .map(({ path, query, further, headers, body, type }) => {
      const parts = path.values();
      const filled = operation.path.replace(/\{\w+\}/g, () => parts.next().value ?? '');
      const search = [...query.flat(), ...(further === '' ? [] : [further])].join('&');
      return {
        method: operation.method,
        path: search === '' ? filled : `${filled}?${search}`,
        headers: {
          ...Object.assign({}, ...headers),
          ...(body !== undefined && type !== '' && { 'content-type': type }),
        },
        ...(body !== undefined && { body }),
      };
    });
}

function of({ parameters }: Operation, place: Parameter['in']): Parameter[] {
  return parameters.filter((parameter) => parameter.in === place);
}

function pathPart({ name, schema }: Parameter, known: Known): fc.Arbitrary<string> {
  const valid = validFor(schema).map((value) => encodeURIComponent(String(value)));
  return fc.oneof(...knownValues(name, known), valid, oddPathParts);
}

function queryPart({ name, schema, required }: Parameter, known: Known): fc.Arbitrary<string[]> {
  const values = fc.oneof(
    ...knownValues(name, known),
    validFor(schema).map((value) => encodeURIComponent(String(value))),
    oddPathParts.map((part) => part.replace(/[?&#]/g, '')),
  );
  const given = fc.array(values, { minLength: 1, maxLength: 2 }).map((all) => all.map((value) => `${name}=${value}`));
  return required ? given : fc.oneof(fc.constant<string[]>([]), given);
}

const oddQuery = fc.constantFrom('&&', '=', 'limit', '__proto__=1', 'a[b]=1', '%00=%00', `x=${'y'.repeat(3_000)}`);

function headerPart({ name, schema }: Parameter): fc.Arbitrary<Record<string, string>> {
  const odd = fc.constantFrom(' ', 'ä', 'x'.repeat(300), '\t');
  const value = fc.oneof(validFor(schema).map(String), odd);
  return fc.oneof(
    fc.constant({}),
    value.map((text) => ({ [name]: text })),
  );
}

function knownValues(name: string, known: Known): fc.Arbitrary<string>[] {
  const values = known[name];
  return values ? [fc.constantFrom(...values).map((value) => encodeURIComponent(String(value)))] : [];
}

function bodyOf({ body }: Operation, known: Known): fc.Arbitrary<string | undefined> {
  if (!body) return fc.oneof(fc.constant(undefined), hostile.map(textOf));
  return fc.oneof(
    { weight: 4, arbitrary: validFor(body, known).map(textOf) },
    { weight: 4, arbitrary: nearlyValidFor(body, known).map(textOf) },
    { weight: 2, arbitrary: hostile.map(textOf) },
    { weight: 1, arbitrary: fc.constantFrom('', '{', 'null', '\ufeff{}', '[', '{"a":1}{"b":2}', 'NaN', '"\\ud800"') },
  );
}

function textOf(value: unknown): string {
  return JSON.stringify(value) ?? '';
}

/** Sends the request as it is. Answers that never come fail. */
export function send(endpoint: string, key: string, { method, path, headers, body }: RawRequest): Promise<RawAnswer> {
  const { protocol, hostname, port, pathname } = new URL(endpoint);
  const request = protocol === 'https:' ? httpsRequest : httpRequest;
  // Joined by hand: a URL would mend what the service has to stand.
  const target = pathname.replace(/\/$/, '') + path;
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((settle, fail) => {
    const sent = request(
      { hostname, port, method, path: target, headers: { 'x-api-key': key, ...headers, ...length }, timeout: 30_000 },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', fail);
        answer.on('end', () =>
          settle({
            status: answer.statusCode ?? 0,
            contentType: answer.headers['content-type'] ?? '',
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    sent.on('timeout', () => sent.destroy(new Error('No answer within 30 s')));
    sent.on('error', fail);
    sent.end(body);
  });
}
