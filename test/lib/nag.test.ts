import { AwsSolutionsChecks } from 'cdk-nag';
import { expect, it } from 'vitest';
import { makeApp } from './synthesize.ts';

it('GIVEN a stage that protects its data WHEN AwsSolutions is asked THEN every finding is mended or explained', async () => {
  const { app, stack } = await makeApp('production', { notificationEmail: 'people@example.org' });
  app.synth();
  const { violations } = new AwsSolutionsChecks(app).validateScope(stack);
  const findings = violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map(({ constructPath }) => `${ruleName} ${constructPath}`),
  );
  expect(findings).toEqual([]);
});
