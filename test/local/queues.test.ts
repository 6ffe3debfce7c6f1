import { getPriority } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, type FixtureStack, startFixture } from './support/fixture-stack.ts';

let stack: FixtureStack;
const send = (...bodies: unknown[]) => stack.call('sendMessages', bodies);
const handled = (id: string) => stack.items(`message#${id}`);

beforeAll(async () => {
  stack = await startFixture('queues', { logTo: 'none', loseMessage: (body) => body.includes('"lost"') });
});
afterAll(() => stack.stop());

async function deadLetters(): Promise<string[]> {
  const response = await fetch(`${stack.endpoints.sqs}/_fauxqs/queues/${stack.nameOf('DeadLetters')}`);
  const { messages } = (await response.json()) as { messages: { ready: Array<{ body: string }> } };
  return messages.ready.map(({ body }) => body);
}

describe('a queue and its function', () => {
  test('GIVEN a hundred messages WHEN they are sent THEN each is handled once, in batches of up to twenty', async () => {
    await send(...Array.from({ length: 100 }, (_, index) => ({ id: `many-${index}` })));
    await stack.waitUntilIdle();
    const items = (await Promise.all(Array.from({ length: 100 }, (_, index) => handled(`many-${index}`)))).flat();
    expect(items).toHaveLength(100);
    expect(Math.max(...items.map(({ batchSize }) => Number(batchSize)))).toBeLessThanOrEqual(20);
    expect(items[0]?.source).toMatch(/^arn:aws:sqs:us-east-1:000000000000:Fixture-Queue/);
  });

  test.runIf(process.platform === 'linux')(
    'GIVEN a function that a queue feeds WHEN it works THEN its thread yields to all others',
    async () => {
      await send({ id: 'modest' });
      await stack.waitUntilIdle();
      const [item] = await handled('modest');
      expect(Number(item?.niceness)).toBe(Math.min(getPriority() + 10, 19));
    },
  );

  test('GIVEN a message group on a standard queue WHEN a message is sent THEN the function learns the group', async () => {
    await send({ id: 'grouped', group: 'acc-7' }, { id: 'ungrouped' });
    await stack.waitUntilIdle();
    expect([await handled('grouped'), await handled('ungrouped')]).toMatchObject([
      [{ group: 'acc-7' }],
      [{ group: '' }],
    ]);
  });

  test('GIVEN a group with many messages WHEN another one sends a single one THEN that does not wait for all of them', async () => {
    const many = Array.from({ length: 150 }, (_, index) => ({ id: `large-${index}`, group: 'large', waitMs: 20 }));
    await send(...many, { id: 'small', group: 'small' });
    await eventually(async () => expect(await handled('small')).toHaveLength(1));
    expect(await handled('large-149')).toEqual([]);
    await stack.waitUntilIdle();
    expect(await handled('large-149')).toHaveLength(1);
  });

  test('GIVEN a batch WHEN one message of it fails THEN only that one comes again', async () => {
    await send({ id: 'good' }, { id: 'second-try', failsTimes: 1 });
    await eventually(async () => expect(await handled('second-try')).toMatchObject([{ sk: '2' }]));
    await stack.waitUntilIdle();
    expect(await handled('good')).toHaveLength(1);
  });

  test('GIVEN a message that always fails WHEN it was received as often as allowed THEN it is a dead letter', async () => {
    await send({ id: 'poison', fails: true });
    await eventually(async () => expect(await deadLetters()).toContain('{"id":"poison","fails":true}'));
    expect(await handled('poison')).toEqual([]);
  });

  test('GIVEN a function that throws WHEN it had a batch THEN every message of it comes again', async () => {
    await send({ id: 'thrown', throws: true });
    await eventually(async () => expect(await deadLetters()).toContain('{"id":"thrown","throws":true}'));
  });

  test('GIVEN a thread that dies WHEN it had a batch THEN the message is not lost', async () => {
    await send({ id: 'crash', exit: true });
    await eventually(async () => expect(await deadLetters()).toContain('{"id":"crash","exit":true}'));
  });

  test('GIVEN a fault test that loses messages WHEN one is sent THEN it is handled by nobody', async () => {
    await send({ id: 'lost' }, { id: 'kept' });
    await stack.waitUntilIdle();
    expect([(await handled('lost')).length, (await handled('kept')).length]).toEqual([0, 1]);
  });
});
