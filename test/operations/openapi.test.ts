import { describe, expect, test } from 'vitest';
import { terminalStatuses } from '../../lambdas/model/action.ts';
import { createPreviewSchema } from '../../lambdas/model/api/previews.ts';
import { createBulkActionSchema, routes } from '../../lambdas/model/api.ts';
import { type ProblemCode, ProblemError, problems } from '../../lambdas/model/problem.ts';
import { requestExamples } from '../../lambdas/operations/openapi/examples.ts';
import { openApiDocument } from '../../lambdas/operations/openapi/openapi-document.ts';
import { problemSchema } from '../../lambdas/operations/openapi/problem-schema.ts';

interface Operation {
  operationId: string;
  security: object[];
  responses: Record<string, { description: string }>;
}

const text = JSON.stringify(openApiDocument('1.2.3'));
const document = JSON.parse(text);

describe('the OpenAPI document', () => {
  test('GIVEN the route table WHEN described THEN each operation stands under its path and method', () => {
    const described = Object.entries<Record<string, Operation>>(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, { operationId }]) => `${method} ${path} ${operationId}`),
    );
    const wanted = routes.map(({ method, path, operationId }) => `${method.toLowerCase()} ${path} ${operationId}`);
    expect(described.sort()).toEqual(wanted.sort());
    expect(document).toMatchObject({ openapi: '3.1.0', info: { version: '1.2.3' } });
  });

  test('GIVEN its references WHEN followed THEN each leads somewhere', () => {
    const referred = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name);
    expect(referred.length).toBeGreaterThan(0);
    for (const name of referred) expect(document.components.schemas).toHaveProperty(String(name));
  });

  test('GIVEN operations with a role WHEN described THEN they need the key, and can answer 401 and 403', () => {
    for (const { path, method, role } of routes) {
      const operation: Operation = document.paths[path][method.toLowerCase()];
      expect(operation.security).toEqual(role === undefined ? [] : [{ apiKey: [] }]);
      expect('401' in operation.responses && '403' in operation.responses).toBe(role !== undefined);
    }
  });

  test('GIVEN problems of one status WHEN described THEN each code is named', () => {
    const { description } = document.paths['/api/bulk-actions'].post.responses['409'];
    expect(description).toContain('`action_running`');
    expect(description).toContain('`idempotency_conflict`');
  });

  test('GIVEN a webhook WHEN described THEN only verdicts are among what it may hear of', () => {
    const { CreateWebhook, Webhook } = document.components.schemas;
    for (const { properties } of [CreateWebhook, Webhook]) {
      expect(properties.events.items.enum).toEqual(terminalStatuses);
    }
  });

  test('GIVEN the examples of a new action WHEN checked THEN they are valid requests', () => {
    const examples = Object.values(requestExamples.createBulkAction ?? {});
    expect(examples.length).toBeGreaterThan(0);
    for (const { value } of examples) expect(createBulkActionSchema.parse(value)).toEqual(value);
  });

  test('GIVEN the examples of a preview WHEN checked THEN they are valid requests', () => {
    const examples = Object.values(requestExamples.previewSheet ?? {});
    expect(examples.length).toBeGreaterThan(0);
    for (const { value } of examples) expect(createPreviewSchema.parse(value)).toEqual(value);
  });

  test.each(Object.keys(problems) as ProblemCode[])(
    'GIVEN the problem %s WHEN answered THEN it has the described shape',
    (code) => {
      const problem = new ProblemError(code, 'Something.', { status: 'processing', code: 'other' }).toDocument();
      expect(problemSchema.parse(problem)).toMatchObject({ code, status: problems[code].status });
    },
  );
});
