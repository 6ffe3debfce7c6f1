import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaAuthorizer, HttpLambdaResponseType } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { type Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { routes } from '../lambdas/model/api.ts';
import { acknowledge } from './acknowledge.ts';
import { ApiFunctions, type ApiFunctionsProps } from './api-functions.ts';
import { logRetention } from './log-retention.ts';
import { pascalCase } from './pascal-case.ts';
import type { Stage } from './stage.ts';

/** The HTTP API: every operation of the model's route table, and an answer for all else. */
export class HttpApi extends Construct {
  readonly url: string;
  /** Answers 5xx. */
  readonly faults: Metric;

  constructor(scope: Construct, id: string, props: ApiFunctionsProps) {
    super(scope, id);
    const { stage } = props;
    const functions = new ApiFunctions(this, 'Functions', props);
    const api = new apigateway.HttpApi(this, 'Api', {
      apiName: `rollcall-${stage.name}`,
      createDefaultStage: false,
      corsPreflight: browserAccess(stage),
    });
    this.addRoutes(api, functions);
    this.addStage(api, stage);
    this.url = api.apiEndpoint;
    this.faults = api.metricServerError({ statistic: Stats.SUM, period: Duration.minutes(5) });
  }

  private addRoutes(api: apigateway.HttpApi, { functions, authorizeRequest }: ApiFunctions): void {
    const authorizer = new HttpLambdaAuthorizer('ApiKey', authorizeRequest, {
      responseTypes: [HttpLambdaResponseType.SIMPLE],
      // With an identity source API Gateway itself would refuse a request without a key, in its own words and not as a
      // problem document. Without one it caches nothing; the function remembers callers instead.
      identitySource: [],
      resultsCacheTtl: Duration.seconds(0),
    });
    const integrations = new Map(
      functions.map((answering) => {
        const options = { scopePermissionToRoute: false };
        return [answering.name, new HttpLambdaIntegration(pascalCase(answering.name), answering, options)];
      }),
    );
    for (const route of routes) {
      const integration = integrations.get(route.function);
      if (!integration) throw new Error(`${route.operationId}: the API has no function ${route.function}`);
      const added = api.addRoutes({
        path: route.path,
        methods: [apigateway.HttpMethod[route.method]],
        integration,
        ...(route.role !== undefined && { authorizer }),
      });
      if (route.role === undefined) explainOpenRoute(added, route.summary);
    }
    this.addFallback(api, integrations.get('describe-service'));
  }

  /**
   * What no route takes gets a problem document too, from a function that answers anyway. Without the authorizer: nobody
   * is to cost a look-up of keys by asking for nothing, and the answer is the same for all.
   */
  private addFallback(httpApi: apigateway.HttpApi, integration?: HttpLambdaIntegration): void {
    if (!integration) throw new Error('The API has no function for what no route takes');
    const routeKey = apigateway.HttpRouteKey.DEFAULT;
    const fallback = new apigateway.HttpRoute(this, 'Fallback', { httpApi, routeKey, integration });
    explainOpenRoute([fallback], 'There is no such operation');
  }

  /** The default stage, so that paths are the route table's own. */
  private addStage(api: apigateway.HttpApi, { name, settings }: Stage): void {
    const logGroup = new logs.LogGroup(this, 'AccessLogs', {
      logGroupName: `/aws/vendedlogs/apigateway/rollcall-${name}`,
      retention: logRetention(settings),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new apigateway.HttpStage(this, 'Stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      detailedMetricsEnabled: true,
      throttle: { rateLimit: settings.requestsPerSecond, burstLimit: 2 * settings.requestsPerSecond },
      accessLogSettings: { destination: new apigateway.LogGroupLogDestination(logGroup), format: accessLogFormat },
    });
  }
}

/** Who asked for what and how it went: no key, no body, no query, no address that lets anybody in. */
const accessLogFormat = AccessLogFormat.custom(
  JSON.stringify({
    requestId: '$context.requestId',
    requestTime: '$context.requestTime',
    routeKey: '$context.routeKey',
    status: '$context.status',
    responseLength: '$context.responseLength',
    responseLatency: '$context.responseLatency',
    accountId: '$context.authorizer.accountId',
    keyId: '$context.authorizer.keyId',
    error: '$context.error.message',
    integrationError: '$context.integration.error',
  }),
);

function browserAccess({ settings }: Stage): apigateway.CorsPreflightOptions {
  return {
    allowOrigins: settings.corsOrigins,
    allowMethods: [...new Set(routes.map(({ method }) => apigateway.CorsHttpMethod[method]))],
    allowHeaders: ['content-type', 'x-api-key', 'idempotency-key', 'if-none-match', 'last-event-id'],
    exposeHeaders: ['etag', 'location', 'retry-after', 'ratelimit', 'ratelimit-policy', 'content-disposition'],
    maxAge: Duration.hours(1),
  };
}

function explainOpenRoute(added: apigateway.HttpRoute[], summary: string): void {
  for (const route of added) {
    acknowledge(
      route,
      'AwsSolutions-APIG4',
      `"${summary}" tells nothing about any account, and is asked without a key.`,
    );
  }
}
