/** An HTTP API's own CORS answers. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html */
import type { IncomingHttpHeaders } from 'node:http';

/** `CorsConfiguration` of `AWS::ApiGatewayV2::Api`. */
export interface CorsConfiguration {
  AllowOrigins?: string[];
  AllowMethods?: string[];
  AllowHeaders?: string[];
  ExposeHeaders?: string[];
  MaxAge?: number;
  AllowCredentials?: boolean;
}

/** The headers for a request's answer; none when its origin is not allowed. */
export function corsHeaders(
  cors: CorsConfiguration,
  headers: IncomingHttpHeaders,
  preflight: boolean,
): Record<string, string> {
  const { origin } = headers;
  const allowed = cors.AllowOrigins ?? [];
  if (!origin || !(allowed.includes('*') || allowed.includes(origin))) return {};
  const common = {
    'access-control-allow-origin': allowed.includes('*') ? '*' : origin,
    ...(allowed.includes('*') ? {} : { vary: 'Origin' }),
    ...(cors.AllowCredentials ? { 'access-control-allow-credentials': 'true' } : {}),
    ...(cors.ExposeHeaders?.length ? { 'access-control-expose-headers': cors.ExposeHeaders.join(',') } : {}),
  };
  if (!preflight) return common;
  return {
    ...common,
    'access-control-allow-methods': (cors.AllowMethods ?? []).join(','),
    'access-control-allow-headers': (cors.AllowHeaders ?? []).join(','),
    ...(cors.MaxAge === undefined ? {} : { 'access-control-max-age': String(cors.MaxAge) }),
  };
}

export function isPreflight(method: string, headers: IncomingHttpHeaders): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
}
