import type { AwsInterceptor, AwsRequest, Interception } from '../../local/faults/aws-interceptor.ts';

/** A write of a function, counted over all of one case: `stage-sheet PutObject 1`. */
export interface Write {
  readonly functionName: string;
  readonly operation: string;
  /** Counts the writes of this function and operation from 1. */
  readonly occurrence: number;
}

const writing: Readonly<Record<string, readonly string[]>> = {
  dynamodb: ['PutItem', 'UpdateItem', 'DeleteItem', 'TransactWriteItems', 'BatchExecuteStatement'],
  s3: ['PutObject', 'CreateMultipartUpload', 'UploadPart', 'CompleteMultipartUpload'],
  sqs: ['SendMessageBatch', 'ChangeMessageVisibility'],
  states: ['StartExecution'],
  events: ['PutEvents'],
};

export function isWrite({ service, operation }: AwsRequest): boolean {
  return writing[service]?.includes(operation) ?? false;
}

export function describeWrite({ functionName, operation, occurrence }: Write): string {
  return `${functionName} ${operation} ${occurrence}`;
}

interface Case {
  readonly writes: Write[];
  readonly sabotage?: { readonly at: Write; readonly how: Interception };
  done: boolean;
}

/**
 * Does one thing to one write of each of many cases that run on one stack at the same time. A case is known by its
 * mark, a text that its rows and its reference contain; what has no row in it is known by the action or the invocation
 * that it belongs to.
 */
export class Saboteur {
  private readonly cases = new Map<string, Case>();
  private readonly markByActionId = new Map<string, string>();
  private readonly markByInvocation = new Map<string, string>();

  /** Watches a case, and does `how` to the write `at` of it, once. */
  watch(mark: string, sabotage?: Case['sabotage']): void {
    this.cases.set(mark, { writes: [], done: false, ...(sabotage && { sabotage }) });
  }

  /** The writes of a case until now. */
  writesOf(mark: string): readonly Write[] {
    return this.cases.get(mark)?.writes ?? [];
  }

  /** Whether the case's write was met. */
  hasStruck(mark: string): boolean {
    return this.cases.get(mark)?.done ?? false;
  }

  readonly interceptor: AwsInterceptor = (request) => {
    const mark = this.markOf(request);
    const known = mark === undefined ? undefined : this.cases.get(mark);
    if (!known || !isWrite(request)) return 'pass';
    const write = this.note(known, request);
    if (known.done || !known.sabotage || describeWrite(known.sabotage.at) !== describeWrite(write)) return 'pass';
    known.done = true;
    return known.sabotage.how;
  };

  private note({ writes }: Case, request: AwsRequest): Write {
    const functionName = request.functionName.replace(/^rollcall-\w+-/, '');
    const { operation } = request;
    const before = writes.filter((write) => write.functionName === functionName && write.operation === operation);
    const write = { functionName, operation, occurrence: before.length + 1 };
    writes.push(write);
    return write;
  }

  private markOf({ body, invocationId }: AwsRequest): string | undefined {
    const mark = this.markIn(body) ?? this.markByInvocation.get(invocationId);
    if (mark === undefined) return undefined;
    this.markByInvocation.set(invocationId, mark);
    const [, actionId] = /"actionId":\{"S":"([0-9a-f-]{36})"\}/.exec(body) ?? [];
    if (actionId !== undefined && this.markIn(body) !== undefined) this.markByActionId.set(actionId, mark);
    return mark;
  }

  private markIn(body: string): string | undefined {
    for (const mark of this.cases.keys()) if (body.includes(mark)) return mark;
    for (const [actionId, mark] of this.markByActionId) if (body.includes(actionId)) return mark;
    return undefined;
  }
}
