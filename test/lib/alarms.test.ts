import { readFileSync } from 'node:fs';
import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { synthesize } from './synthesize.ts';
import { functionsOf, type Resource, resourceOf, resourcesOf } from './template.ts';

const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
const sections = [...runbook.matchAll(/^## (.+)$/gm)].map(([, name]) => name as string);

let template: Template;
let alarms: [string, Resource][];
beforeAll(async () => {
  template = await synthesize('production', { alarmEmail: 'ops@example.org', stallSeconds: 77 });
  alarms = Object.entries(resourcesOf(template, 'AWS::CloudWatch::Alarm'));
});

function sectionOf({ Properties }: Resource): string | undefined {
  return /docs\/runbook\.md#([a-z-]+)$/.exec(Properties.AlarmDescription)?.[1];
}

describe('the alarms', () => {
  it('GIVEN any alarm WHEN somebody gets it THEN it says what it means and where the runbook says what to do', () => {
    for (const [id, alarm] of alarms) {
      expect(sections, id).toContain(sectionOf(alarm));
      expect(alarm.Properties.AlarmDescription.length, id).toBeGreaterThan(80);
    }
  });

  it('GIVEN any section of the runbook WHEN it is read THEN there is an alarm that leads to it', () => {
    const named = new Set(alarms.map(([, alarm]) => sectionOf(alarm)));
    expect(sections.filter((section) => !named.has(section))).toEqual([]);
    expect(new Set(sections).size).toBe(sections.length);
  });

  it('GIVEN links within the runbook WHEN followed THEN each leads to a section', () => {
    const links = [...runbook.matchAll(/\]\(#([a-z-]+)\)/g)].map(([, name]) => name as string);
    expect(links.length).toBeGreaterThan(0);
    for (const link of links) expect(sections).toContain(link);
  });

  it('GIVEN nothing measured WHEN an alarm looks THEN it is quiet', () => {
    for (const [id, { Properties }] of alarms)
      expect(Properties, id).toMatchObject({ TreatMissingData: 'notBreaching' });
  });

  it('GIVEN any function WHEN it fails again and again THEN an alarm rings', () => {
    const watched = alarms
      .filter(([, { Properties }]) => Properties.MetricName === 'Errors')
      .map(([, { Properties }]) => Properties.Dimensions[0].Value.Ref);
    expect(watched.toSorted()).toEqual([...functionsOf(template).values()].map(({ id }) => id).toSorted());
  });

  it.each([
    ['ApproximateAgeOfOldestMessage', 77],
    ['NumberOfMessagesReceived', 0],
    ['ApproximateNumberOfMessagesVisible', 0],
    ['ExecutionsFailed', 0],
    ['ExecutionsTimedOut', 0],
    ['Throttles', 0],
    ['5xx', 0],
    ['ActionsStalled', 0],
    ['ActionsAbandoned', 0],
    ['QuotaWaits', 0],
  ])('GIVEN %s WHEN it is above %d THEN an alarm rings', (metric, threshold) => {
    const watching = alarms.filter(([, { Properties }]) => Properties.MetricName === metric);
    expect(watching.length).toBeGreaterThan(0);
    for (const [, { Properties }] of watching) expect(Properties.Threshold).toBe(threshold);
  });
});

describe('the topic of alarms', () => {
  it('GIVEN any alarm WHEN it rings, and when it is over, THEN the topic is told', () => {
    const [topic] = Object.keys(resourcesOf(template, 'AWS::SNS::Topic')).filter((id) => id.startsWith('Alarms'));
    for (const [id, { Properties }] of alarms) {
      expect(Properties.AlarmActions, id).toEqual([{ Ref: topic }]);
      expect(Properties.OKActions, id).toEqual([{ Ref: topic }]);
    }
  });

  it('GIVEN the topic WHEN something is published THEN encrypted, over TLS, and by this account’s alarms', () => {
    const topic = resourceOf(template, 'AWS::SNS::Topic', 'Alarms').Properties;
    expect(topic.KmsMasterKeyId['Fn::GetAtt'][0]).toMatch(/^AlarmsKey/);
    const [denied, allowed] = resourceOf(template, 'AWS::SNS::TopicPolicy', 'Alarms').Properties.PolicyDocument
      .Statement;
    expect(denied).toMatchObject({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } });
    const fromHere = { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } };
    expect(allowed).toMatchObject({ Principal: { Service: 'cloudwatch.amazonaws.com' }, Condition: fromHere });
    const key = resourceOf(template, 'AWS::KMS::Key', 'Alarms').Properties;
    expect(key.EnableKeyRotation).toBe(true);
    expect(key.KeyPolicy.Statement[1]).toMatchObject({
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Condition: fromHere,
    });
  });

  it('GIVEN an address in the settings WHEN deployed THEN it gets the alarms', () => {
    template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'ops@example.org' });
  });
});

describe('the dashboard', () => {
  it('GIVEN a stage WHEN deployed THEN there is one, under its name', () => {
    const dashboards = Object.values(resourcesOf(template, 'AWS::CloudWatch::Dashboard'));
    expect(dashboards.map(({ Properties }) => Properties.DashboardName)).toEqual(['rollcall-production']);
  });
});
