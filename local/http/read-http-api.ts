/** Reads the template's HTTP API: its routes, what they call, and who checks them. */
import type { StackModel } from '../assembly/stack-model.ts';
import type { FunctionHost } from '../functions/function-host.ts';
import type { Authorizer } from './authorizer.ts';
import type { CorsConfiguration } from './cors.ts';
import type { HttpApiDefinition } from './http-api.ts';
import type { Route } from './routes.ts';

interface RouteProperties {
  ApiId: string;
  RouteKey: string;
  Target?: string;
  AuthorizationType?: string;
  AuthorizerId?: string;
}

interface IntegrationProperties {
  IntegrationType: string;
  IntegrationUri: string;
  TimeoutInMillis?: number;
}

interface AuthorizerProperties {
  AuthorizerType: string;
  AuthorizerUri: string;
  IdentitySource?: string[];
  EnableSimpleResponses?: boolean;
  AuthorizerResultTtlInSeconds?: number;
}

/** API Gateway's own maximum. */
const DEFAULT_TIMEOUT_MS = 30_000;

/** @returns undefined for a stack without an API */
export function readHttpApi(
  stack: StackModel,
  host: FunctionHost,
  warn: (message: string) => void,
): HttpApiDefinition | undefined {
  const [api, ...others] = stack.ofType('AWS::ApiGatewayV2::Api');
  if (!api) return undefined;
  for (const { logicalId } of others) warn(`${logicalId} is left out: one HTTP API runs here.`);
  const apiId = stack.resolve<string>({ Ref: api.logicalId });
  const integrations = new Map(
    stack
      .ofType('AWS::ApiGatewayV2::Integration')
      .map((resource) => [
        stack.resolve<string>({ Ref: resource.logicalId }),
        stack.properties<IntegrationProperties>(resource),
      ]),
  );
  const routes = stack.ofType('AWS::ApiGatewayV2::Route').flatMap((resource): Route[] => {
    const route = stack.properties<RouteProperties>(resource);
    if (route.ApiId !== apiId) return [];
    const integration = integrations.get(route.Target?.replace(/^integrations\//, '') ?? '');
    if (integration?.IntegrationType !== 'AWS_PROXY' || (route.AuthorizationType ?? 'NONE') === 'JWT') {
      warn(`The route ${route.RouteKey} is left out: only functions and Lambda authorizers run here.`);
      return [];
    }
    return [
      {
        routeKey: route.RouteKey,
        functionArn: functionArnIn(integration.IntegrationUri),
        timeoutMs: integration.TimeoutInMillis ?? DEFAULT_TIMEOUT_MS,
        authorizerId: route.AuthorizationType === 'CUSTOM' ? route.AuthorizerId : undefined,
      },
    ];
  });
  const { CorsConfiguration: cors } = stack.properties<{ CorsConfiguration?: CorsConfiguration }>(api);
  return { apiId, routes, authorizers: readAuthorizers(stack, host), cors };
}

function readAuthorizers(stack: StackModel, host: FunctionHost): Map<string, Authorizer> {
  return new Map(
    stack.ofType('AWS::ApiGatewayV2::Authorizer').map((resource): [string, Authorizer] => {
      const properties = stack.properties<AuthorizerProperties>(resource);
      const definition = host.find(functionArnIn(properties.AuthorizerUri));
      if (properties.AuthorizerType !== 'REQUEST' || !definition) {
        throw new Error(`The authorizer ${resource.logicalId} cannot run here: it must be a function of this stack.`);
      }
      return [
        stack.resolve<string>({ Ref: resource.logicalId }),
        {
          definition,
          identitySource: properties.IdentitySource ?? [],
          resultTtlSeconds: properties.AuthorizerResultTtlInSeconds ?? 0,
          simpleResponses: properties.EnableSimpleResponses ?? false,
        },
      ];
    }),
  );
}

/** A function's ARN stands alone, or inside API Gateway's invocation URI. */
function functionArnIn(uri: string): string {
  return /arn:aws:lambda:[^:]*:[^:]*:function:[^/:]+/.exec(uri)?.[0] ?? uri;
}
