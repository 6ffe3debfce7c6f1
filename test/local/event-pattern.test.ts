import { describe, expect, test } from 'vitest';
import { compilePattern, type EventPattern } from '../../local/events/event-pattern.ts';
import { targetInput } from '../../local/events/target-input.ts';

const event = {
  source: 'aws.s3',
  'detail-type': 'Object Created',
  resources: ['arn:aws:s3:::one', 'arn:aws:s3:::two'],
  detail: { bucket: { name: 'one' }, object: { key: 'inbox/acc/Sheet.csv', size: 12 }, reason: null },
};

describe('event patterns', () => {
  const matching: EventPattern[] = [
    { source: ['aws.s3'] },
    { source: ['x', 'aws.s3'], detail: { bucket: { name: ['one'] } } },
    { resources: ['arn:aws:s3:::two'] },
    { detail: { object: { key: [{ prefix: 'inbox/' }] } } },
    { detail: { object: { key: [{ prefix: { 'equals-ignore-case': 'INBOX/' } }] } } },
    { detail: { object: { key: [{ suffix: '.csv' }] } } },
    { detail: { object: { key: [{ wildcard: 'inbox/*/*.csv' }] } } },
    { detail: { object: { key: [{ 'equals-ignore-case': 'INBOX/ACC/SHEET.CSV' }] } } },
    { detail: { object: { key: [{ 'anything-but': ['a', 'b'] }] } } },
    { detail: { object: { key: [{ 'anything-but': { prefix: 'uploads/' } }] } } },
    { detail: { object: { size: [{ numeric: ['>', 10, '<=', 12] }] } } },
    { detail: { object: { version: [{ exists: false }] } } },
    { detail: { object: { size: [{ exists: true }] } } },
    { detail: { reason: [null] } },
    { $or: [{ source: ['nobody'] }, { detail: { object: { size: [12] } } }] },
  ];
  test.each(matching.map((pattern) => [pattern]))('GIVEN %j WHEN the event comes THEN it matches', (pattern) => {
    expect(compilePattern(pattern)(event)).toBe(true);
  });

  const failing: EventPattern[] = [
    { source: ['aws.states'] },
    { source: ['aws.s3'], detail: { bucket: { name: ['two'] } } },
    { detail: { object: { key: [{ prefix: 'uploads/' }] } } },
    { detail: { object: { key: [{ wildcard: 'inbox/*.xlsx' }] } } },
    { detail: { object: { key: [{ 'anything-but': { suffix: '.csv' } }] } } },
    { detail: { object: { size: ['12'] } } },
    { detail: { object: { size: [{ numeric: ['<', 12] }] } } },
    { detail: { nothing: { inside: ['x'] } } },
    { detail: { object: { version: [{ 'anything-but': 'x' }] } } },
    { $or: [{ source: ['nobody'] }, { source: ['no one'] }] },
  ];
  test.each(failing.map((pattern) => [pattern]))('GIVEN %j WHEN the event comes THEN it does not match', (pattern) => {
    expect(compilePattern(pattern)(event)).toBe(false);
  });

  test('GIVEN a comparison that is not known WHEN the pattern is read THEN it is refused and not passed over', () => {
    expect(() => compilePattern({ source: [{ cidr: '10.0.0.0/8' }] })).toThrow('{"cidr":"10.0.0.0/8"}');
  });
});

describe('the input of a target', () => {
  test.each([
    [{}, JSON.stringify(event)],
    [{ Input: '{"a":1}' }, '{"a":1}'],
    [{ InputPath: '$.detail.object.key' }, '"inbox/acc/Sheet.csv"'],
    [
      {
        InputTransformer: {
          InputPathsMap: { key: '$.detail.object.key', size: '$.detail.object.size', object: '$.detail.object' },
          InputTemplate: '{"text":"the <key> of <size>","key":<key>,"size":<size>,"all":<object>,"kept":"a<b"}',
        },
      },
      '{"text":"the inbox/acc/Sheet.csv of 12","key":"inbox/acc/Sheet.csv","size":12,"all":{"key":"inbox/acc/Sheet.csv","size":12},"kept":"a<b"}',
    ],
  ])('GIVEN %j WHEN an event is delivered THEN the target gets what it asked for', (input, expected) => {
    expect(targetInput(event, input)).toBe(expected);
  });
});
