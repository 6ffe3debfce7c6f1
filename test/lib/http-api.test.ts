import { Match, type Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { routes } from '../../lambdas/model/api.ts';
import type { FunctionName } from '../../lambdas/model/environments.ts';
import { synthesize } from './synthesize.ts';
import { functionsOf, type Resource, resourceOf, resourcesOf } from './template.ts';

let template: Template;
beforeAll(async () => {
  template = await synthesize('production', { corsOrigins: ['https://a.example'], requestsPerSecond: 30 });
});

function routeResources(): Map<string, Resource> {
  return new Map(
    Object.values(resourcesOf(template, 'AWS::ApiGatewayV2::Route')).map((route) => [route.Properties.RouteKey, route]),
  );
}

describe('the HTTP API', () => {
  it('GIVEN the route table WHEN synthesized THEN its operations are the routes, and all else has one', () => {
    const operations = routes.map(({ method, path }) => `${method} ${path}`);
    expect([...routeResources().keys()].sort()).toEqual(['$default', ...operations].sort());
  });

  it.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    'GIVEN %s WHEN called THEN its function answers, and a key is asked for if it needs a role',
    (key, route) => {
      const { AuthorizationType, AuthorizerId } = routeResources().get(key)?.Properties ?? {};
      expect(AuthorizationType).toBe(route.role === undefined ? 'NONE' : 'CUSTOM');
      expect(AuthorizerId !== undefined).toBe(route.role !== undefined);
      expectAnswerFrom(route.function, key);
    },
  );

  it('GIVEN what no route takes WHEN called THEN the function that describes the API answers, and no key is looked up', () => {
    expect(routeResources().get('$default')?.Properties).toMatchObject({ AuthorizationType: 'NONE' });
    expectAnswerFrom('describe-service', '$default');
    // It shares the integration, and with it the permission, of the function's own routes.
    const functions = new Set(routes.map((route) => route.function));
    expect(Object.keys(resourcesOf(template, 'AWS::ApiGatewayV2::Integration'))).toHaveLength(functions.size);
  });

  function expectAnswerFrom(name: FunctionName, key: string): void {
    const { Target } = routeResources().get(key)?.Properties ?? {};
    const integration = resourcesOf(template, 'AWS::ApiGatewayV2::Integration')[Target['Fn::Join'][1][1].Ref];
    const id = integration?.Properties.IntegrationUri['Fn::GetAtt'][0];
    expect(functionsOf(template).get(name)?.id).toBe(id);
    expect(integration?.Properties.PayloadFormatVersion).toBe('2.0');
  }

  it('GIVEN operations without a role WHEN listed THEN they are the health check, the description of the API and what is none', () => {
    const open = [...routeResources()].filter(([, { Properties }]) => Properties.AuthorizationType === 'NONE');
    expect(open.map(([key]) => key).sort()).toEqual(['$default', 'GET /api/health', 'GET /api/openapi.json']);
  });

  it('GIVEN any request WHEN it needs a caller THEN the authorizer is asked, also without a key: it answers in problems', () => {
    const { Properties } = resourceOf(template, 'AWS::ApiGatewayV2::Authorizer');
    expect(Properties).toMatchObject({
      AuthorizerType: 'REQUEST',
      AuthorizerPayloadFormatVersion: '2.0',
      EnableSimpleResponses: true,
      IdentitySource: [],
      AuthorizerResultTtlInSeconds: 0,
    });
  });

  it('GIVEN a request WHEN it is logged THEN with its outcome and without anything secret', () => {
    const { AccessLogSettings, DefaultRouteSettings } = resourceOf(template, 'AWS::ApiGatewayV2::Stage').Properties;
    const logged = JSON.parse(AccessLogSettings.Format);
    expect(logged).toMatchObject({ status: '$context.status', routeKey: '$context.routeKey' });
    expect(AccessLogSettings.Format).not.toMatch(/x-api-key|authorization|\$context\.path|querystring|body/i);
    expect(DefaultRouteSettings).toMatchObject({ ThrottlingRateLimit: 30, ThrottlingBurstLimit: 60 });
  });

  it('GIVEN a page of an allowed origin WHEN it calls THEN with a key, and sees when to come again', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Api', {
      CorsConfiguration: {
        AllowOrigins: ['https://a.example'],
        AllowHeaders: Match.arrayWith(['x-api-key', 'idempotency-key']),
        ExposeHeaders: Match.arrayWith(['retry-after']),
      },
    });
  });
});

describe('the first admin key', () => {
  it('GIVEN a deploy WHEN the key is seeded THEN it is made up there, and the function may write by then', () => {
    const seeded = resourceOf(template, 'Custom::AdminKey');
    const seed = functionsOf(template).get('seed-admin-key');
    expect(seeded.Properties.ServiceToken['Fn::GetAtt'][0]).toBe(seed?.id);
    expect(Number(seeded.Properties.ServiceTimeout)).toBeLessThanOrEqual(120);
    expect(seed?.DependsOn).toContainEqual(expect.stringMatching(/SeedAdminKeyRoleDefaultPolicy/));
  });

  it('GIVEN the key WHEN it is made up THEN it is long and of letters and digits, as headers carry them', () => {
    const { GenerateSecretString } = resourceOf(template, 'AWS::SecretsManager::Secret').Properties;
    expect(GenerateSecretString.PasswordLength).toBeGreaterThanOrEqual(32);
    const printable = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index));
    const allowed = printable.filter((character) => !GenerateSecretString.ExcludeCharacters.includes(character));
    expect(allowed.join('')).toMatch(/^[0-9A-Za-z]{62}$/);
  });

  it('GIVEN a deployed stack WHEN asked THEN it tells where things are, and no secret', () => {
    const outputs = Object.keys(template.findOutputs('*'));
    expect(outputs.sort()).toEqual([
      'AdminKeySecretArn',
      'AlarmTopicArn',
      'ApiUrl',
      'BulkActionMachineArn',
      'ControlTableName',
      'MappingTableName',
      'RegistryTableName',
      'SheetBucketName',
      'TrackingTableName',
    ]);
  });
});
