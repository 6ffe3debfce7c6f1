import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { type ActionStatus, terminalStatuses } from '../../lambdas/model/action.ts';
import type { BulkActionView, CreateBulkAction, Upload } from '../../lambdas/model/api.ts';

/** Long enough that many who wait leave the machine to what they wait for. */
const pollMs = 250;
/** Far beyond what anything under test takes; whoever gets here hangs. */
const patienceMs = 240_000;

/** An answer of the HTTP API, whatever its status. */
export interface Answer<Body = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export interface RequestOptions {
  /** Sent as JSON, unless it is a text or bytes. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A sheet as bytes under a name. */
export interface SheetFile {
  readonly fileName: string;
  readonly content: Buffer;
}

export type Submission = Pick<CreateBulkAction, 'referenceId' | 'processName'> &
  Partial<Pick<CreateBulkAction, 'onInvalidRow' | 'startAt' | 'sheetName' | 'clearEmpty' | 'dryRun' | 'columns'>>;

export interface Created {
  readonly actionId: string;
  readonly status: ActionStatus;
  readonly upload?: Upload;
}

/** What a client of the HTTP API does, and nothing that it could not do. */
export class RollcallClient {
  readonly endpoint: string;
  private readonly key: string | undefined;

  constructor({ endpoint, key }: { endpoint: string; key?: string }) {
    this.endpoint = endpoint;
    this.key = key;
  }

  /** The same service with another key, or none. */
  withKey(key: string | undefined): RollcallClient {
    return new RollcallClient({ endpoint: this.endpoint, ...(key !== undefined && { key }) });
  }

  async request<Body = unknown>(method: string, path: string, options: RequestOptions = {}): Promise<Answer<Body>> {
    const response = await fetch(this.endpoint + path, {
      method,
      headers: {
        ...(this.key !== undefined && { 'x-api-key': this.key }),
        ...(options.body !== undefined && { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(options.body !== undefined && {
        body: isRaw(options.body) ? options.body : JSON.stringify(options.body),
      }),
    });
    const text = await response.text();
    // An answer 304 has the type of what it stands for, and nothing of it.
    const isJson = text !== '' && (response.headers.get('content-type')?.includes('json') ?? false);
    return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as Body };
  }

  get<Body = unknown>(path: string, headers: Record<string, string> = {}): Promise<Answer<Body>> {
    return this.request<Body>('GET', path, { headers });
  }

  post<Body = unknown>(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<Body>> {
    return this.request<Body>('POST', path, { headers, ...(body !== undefined && { body }) });
  }

  /** Reads what must be there. */
  async read<Body>(path: string): Promise<Body> {
    const answer = await this.get<Body>(path);
    if (answer.status !== 200) throw new UnexpectedAnswer(`GET ${path}`, answer);
    return answer.body;
  }

  async download(path: string): Promise<Buffer> {
    const response = await fetch(this.endpoint + path, { headers: { 'x-api-key': this.key ?? '' } });
    if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`);
    return Buffer.from(await response.arrayBuffer());
  }

  /** Creates an action for a sheet that is yet to be uploaded. */
  async create(submission: Submission, { fileName, content }: SheetFile, headers = {}): Promise<Created> {
    const body = { ...submission, fileName, size: content.length };
    const answer = await this.post<Created>('/api/bulk-actions', body, headers);
    if (answer.status !== 201) throw new UnexpectedAnswer('POST /api/bulk-actions', answer);
    return answer.body;
  }

  /** Submits a sheet as a client does: creates the action and uploads the bytes. */
  async submit(submission: Submission, file: SheetFile): Promise<string> {
    const { actionId, upload } = await this.create(submission, file);
    if (!upload) throw new Error(`Action ${actionId} wants no upload`);
    await this.upload(upload, file);
    return actionId;
  }

  async submitRecords(submission: Submission, records: Record<string, unknown>[]): Promise<string> {
    const answer = await this.post<Created>('/api/bulk-actions', { ...submission, records });
    if (answer.status !== 202) throw new UnexpectedAnswer('POST /api/bulk-actions', answer);
    return answer.body.actionId;
  }

  /** Submits what needs no sheet: one change, or the deletion, of many entities. */
  async submitEntities(
    submission: Submission,
    change: Pick<CreateBulkAction, 'entityIds' | 'fieldsToUpdate'>,
  ): Promise<string> {
    const answer = await this.post<Created>('/api/bulk-actions', { ...submission, ...change });
    if (answer.status !== 202) throw new UnexpectedAnswer('POST /api/bulk-actions', answer);
    return answer.body.actionId;
  }

  async upload(upload: Upload, { fileName, content }: SheetFile): Promise<void> {
    if (upload.kind === 'post') {
      const response = await postForm(upload, content, fileName);
      if (!response.ok) throw new Error(`The upload answered ${response.status}: ${await response.text()}`);
      return;
    }
    const parts = await Promise.all(upload.parts.map((part) => putPart(part, upload.partBytes, content)));
    const answer = await this.post(upload.completeUrl, { parts });
    if (answer.status !== 202) throw new UnexpectedAnswer('The completion', answer);
  }

  action(actionId: string): Promise<BulkActionView> {
    return this.read<BulkActionView>(`/api/bulk-actions/${actionId}`);
  }

  /** The action once it has ended. */
  ended(actionId: string): Promise<BulkActionView> {
    return this.until(actionId, ({ status }) => terminalStatuses.includes(status));
  }

  /** The action once `condition` holds. */
  async until(actionId: string, condition: (action: BulkActionView) => boolean): Promise<BulkActionView> {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const action = await this.action(actionId);
      if (condition(action)) return action;
      if (Date.now() > deadline) throw new Error(`Still waiting for action ${JSON.stringify(action)}`);
      await delay(pollMs);
    }
  }
}

/** Sends `content` as the form allows, or does not allow, it. */
export function postForm(
  { url, fields }: Extract<Upload, { kind: 'post' }>,
  content: Buffer,
  fileName = 'sheet',
): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set('file', new Blob([new Uint8Array(content)]), fileName);
  return fetch(url, { method: 'POST', body: form });
}

function isRaw(body: unknown): body is string | Uint8Array<ArrayBuffer> {
  return typeof body === 'string' || body instanceof Uint8Array;
}

async function putPart({ partNumber, url }: { partNumber: number; url: string }, partBytes: number, content: Buffer) {
  const body = content.subarray((partNumber - 1) * partBytes, partNumber * partBytes);
  const response = await fetch(url, { method: 'PUT', body: new Uint8Array(body) });
  if (!response.ok) throw new Error(`Part ${partNumber} answered ${response.status}: ${await response.text()}`);
  return { partNumber, etag: z.string().parse(response.headers.get('etag')) };
}

export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';

  constructor(what: string, { status, body }: Answer) {
    super(`${what} answered ${status}: ${JSON.stringify(body)}`);
  }
}
