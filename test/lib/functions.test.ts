import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { routes } from '../../lambdas/model/api.ts';
import { environments, type FunctionName } from '../../lambdas/model/environments.ts';
import { synthesize } from './synthesize.ts';
import { functionsOf, resourcesOf } from './template.ts';

const names = Object.keys(environments) as FunctionName[];

/** The text of a variable, with a word in place of what only CloudFormation knows. */
function known(value: unknown): string {
  if (typeof value === 'string') return value;
  const { 'Fn::Join': join } = value as { 'Fn::Join'?: [string, unknown[]] };
  return join ? join[1].map(known).join(join[0]) : 'known-later';
}

let template: Template;
beforeAll(async () => {
  template = await synthesize('production', { logRetentionDays: 45, bulkWriteCalls: 5, mappingWriteCalls: 11 });
});

describe('the functions', () => {
  it('GIVEN the model WHEN synthesized THEN each of its functions is there once, on Node 24 and arm64, traced', () => {
    const functions = functionsOf(template);
    expect([...functions.keys()].sort()).toEqual(names.toSorted());
    for (const { Properties } of functions.values()) {
      expect(Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        TracingConfig: { Mode: 'Active' },
      });
      expect(Properties.Timeout).toBeLessThanOrEqual(900);
    }
  });

  it.each(names)(
    'GIVEN %s WHEN it reads its environment THEN all is there that its schema asks for, and no more',
    (name) => {
      const { NODE_OPTIONS, ...variables } = functionsOf(template).get(name)?.Properties.Environment.Variables ?? {};
      const resolved = Object.entries(variables).map(([key, value]) => [key, known(value)]);
      expect(environments[name].strict().safeParse(Object.fromEntries(resolved)).error).toBeUndefined();
    },
  );

  it('GIVEN bulk writes at a time WHEN a function writes THEN it has that many, and whoever maps lists its own number', () => {
    for (const [name, { Properties }] of functionsOf(template)) {
      const calls = Properties.Environment.Variables.BULK_WRITE_CALLS;
      expect([name, calls]).toEqual([name, name === 'map-batches' ? '11' : '5']);
    }
  });

  it('GIVEN options of Node.js WHEN they size the heap THEN they leave room outside it for identifiers and buffers', () => {
    const { MemorySize, Environment } = functionsOf(template).get('stage-sheet')?.Properties ?? {};
    const options: string = Environment.Variables.NODE_OPTIONS;
    const megabytesOf = (space: string) => Number(new RegExp(`--max-${space}-space-size=(\\d+)`).exec(options)?.[1]);
    const heap = megabytesOf('old') + 3 * megabytesOf('semi');
    expect(heap).toBeGreaterThan(512);
    expect(MemorySize - heap).toBeGreaterThan(400);
  });

  it('GIVEN days of log retention WHEN CloudWatch does not offer them THEN the next longer ones are taken', () => {
    const groups = Object.values(resourcesOf(template, 'AWS::Logs::LogGroup'));
    const machines = Object.keys(resourcesOf(template, 'AWS::StepFunctions::StateMachine'));
    // One a function, one a machine, and the access log of the API.
    expect(groups).toHaveLength(names.length + machines.length + 1);
    for (const { Properties } of groups) expect(Properties.RetentionInDays).toBe(60);
  });

  it('GIVEN functions that answer HTTP WHEN they take their time THEN they end before API Gateway gives up', () => {
    const answering = new Set(
      Object.values(resourcesOf(template, 'AWS::ApiGatewayV2::Integration')).map(
        ({ Properties }) => Properties.IntegrationUri['Fn::GetAtt'][0],
      ),
    );
    const functions = [...functionsOf(template).values()].filter(({ id }) => answering.has(id));
    expect(functions).toHaveLength(new Set(routes.map((route) => route.function)).size);
    for (const { Properties } of functions) expect(Properties.Timeout).toBeLessThan(30);
  });
});
