import type { TableRequest } from './recorder.ts';

/** What came of a request, less what two implementations may say in their own words. */
export type Outcome = { readonly answer: unknown } | { readonly refused: string; readonly detail: unknown };

/** Sends the requests one after the other, so that each meets the same items in the same state wherever it is sent. */
export async function play(url: string, requests: readonly TableRequest[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { operation, body } of requests) outcomes.push(await outcomeOf(url, operation, body));
  return outcomes;
}

async function outcomeOf(url: string, operation: string, body: string): Promise<Outcome> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'x-amz-date': '20300101T000000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20300101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=local',
    },
    body,
  });
  const answer = (await response.json()) as Answer;
  if (response.ok) return { answer: comparable(operation, answer) };
  const { __type = '', Item, CancellationReasons: reasons } = answer;
  return { refused: __type.slice(__type.indexOf('#') + 1), detail: { Item, reasons: reasons?.map(withoutWords) } };
}

/** The parts of answers that are looked at, of whichever operation. */
interface Answer {
  readonly __type?: string;
  readonly Item?: unknown;
  /** DynamoDB Local tells it of some deletions without being asked. */
  readonly ConsumedCapacity?: unknown;
  readonly CancellationReasons?: readonly StatementFault[];
  readonly Responses?: readonly { readonly Error?: StatementFault }[] | Readonly<Record<string, readonly unknown[]>>;
}

interface StatementFault {
  readonly Code?: string;
  readonly Item?: unknown;
}

function comparable(operation: string, { Responses, ConsumedCapacity, ...answer }: Answer): unknown {
  if (operation === 'BatchExecuteStatement') {
    const statements = (Responses ?? []) as readonly { readonly Error?: StatementFault }[];
    return statements.map(({ Error: fault }) => (fault ? withoutWords(fault) : 'applied'));
  }
  if (operation !== 'BatchGetItem') return answer;
  // In no order.
  const found = Object.entries((Responses ?? {}) as Record<string, readonly unknown[]>);
  return { ...answer, found: found.map(([table, items]) => [table, items.map(sorted).sort()]) };
}

/** Messages are for people, and each has its own. An absent reason of a cancelled transaction is called `None`. */
function withoutWords({ Code = 'None', Item }: StatementFault): StatementFault {
  return { Code, Item };
}

/** One text for one item, in whichever order its attributes came. */
function sorted(item: unknown): string {
  return JSON.stringify(item, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
      : value,
  );
}
