/** CORS answers of buckets, so that a browser may upload straight to the local S3 by the rules of the template. */
import type { buildApp } from './fauxqs-parts.ts';

/** One rule of `AWS::S3::Bucket` CorsConfiguration. */
export interface CorsRule {
  AllowedMethods: string[];
  AllowedOrigins: string[];
  AllowedHeaders?: string[];
  ExposedHeaders?: string[];
  MaxAge?: number;
}

export function addCors(app: ReturnType<typeof buildApp>, rulesOf: (bucket: string) => CorsRule[]): void {
  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers;
    if (!origin) return;
    const preflight = request.method === 'OPTIONS';
    const method = (preflight ? request.headers['access-control-request-method'] : undefined) ?? request.method;
    const rule = rulesOf(bucketOf(request.url)).find(
      ({ AllowedMethods, AllowedOrigins }) =>
        AllowedMethods.includes(method) && AllowedOrigins.some((allowed) => matchesOrigin(allowed, origin)),
    );
    if (rule) {
      reply.header('access-control-allow-origin', rule.AllowedOrigins.includes('*') ? '*' : origin);
      reply.header('access-control-allow-methods', rule.AllowedMethods.join(', '));
      reply.header('access-control-expose-headers', (rule.ExposedHeaders ?? []).join(', '));
      reply.header('vary', 'Origin');
    }
    if (!preflight) return;
    const requested = request.headers['access-control-request-headers'];
    if (rule && requested) reply.header('access-control-allow-headers', requested);
    if (rule?.MaxAge) reply.header('access-control-max-age', rule.MaxAge);
    return reply.status(rule ? 200 : 403).send();
  });
}

function bucketOf(url: string): string {
  return url.split(/[/?]/)[1] ?? '';
}

function matchesOrigin(allowed: string, origin: string): boolean {
  const [before = '', after] = allowed.split('*');
  if (after === undefined) return allowed === origin;
  return origin.startsWith(before) && origin.endsWith(after);
}
