import type { ProblemCode, ProblemDocument } from '../lambdas/model/problem.ts';
import { CliError, type ExitCode, exitCodes } from './errors.ts';
import type { Transient } from './retry.ts';
import { plain } from './terminal.ts';

const shownFindings = 20;

/** The service's own account of why a request did not succeed. */
export class ProblemAnswerError extends CliError {
  override readonly name = 'ProblemAnswerError';
  readonly status: number;
  readonly code: ProblemCode | undefined;
  /** Present when the same request may succeed later. */
  readonly transient: Transient | undefined;

  constructor(response: Response, document: Partial<ProblemDocument>) {
    super(describe(response.status, document), exitCodeOf(response.status), hintOf(response.status, document));
    this.status = response.status;
    this.code = document.code;
    this.transient = transientOf(response);
  }
}

/** Reads an answer outside 2xx: problem+json, or whatever a gateway or proxy in between has to say. */
export async function problemOf(response: Response): Promise<ProblemAnswerError> {
  const text = await response.text();
  return new ProblemAnswerError(response, parseDocument(text));
}

function parseDocument(text: string): Partial<ProblemDocument> {
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === 'object' && document !== null ? document : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function describe(status: number, document: Partial<ProblemDocument>): string {
  const detail = document.detail ?? document.title ?? fallbacks[status] ?? 'the service refused the request';
  return [`${plain(detail)} (HTTP ${status})`, ...findings(document)].join('\n');
}

const fallbacks: Readonly<Record<number, string>> = {
  401: 'the API key is missing or not valid',
  403: 'the API key is not valid or may not do this',
  404: 'there is nothing at this address',
  500: 'the service had a fault',
  502: 'the service is not available',
  503: 'the service is not available',
  504: 'the service did not answer in time',
};

/** The service names its first finding in `detail`, and all of them in `errors`. */
function findings(document: Partial<ProblemDocument>): string[] {
  if (!Array.isArray(document.errors) || document.errors.length < 2) return [];
  return document.errors.slice(0, shownFindings).map((finding) => `  ${plain(describeFinding(finding))}`);
}

function describeFinding(finding: { in?: string; path?: string; expected?: string; received?: string }): string {
  const where = [finding.in, finding.path].filter(Boolean).join('.');
  return `${where}: expected ${finding.expected}, received ${finding.received}`;
}

/** A request that the service refuses is for the caller to change; a fault of the service is a failure. */
function exitCodeOf(status: number): ExitCode {
  return status >= 500 ? exitCodes.failed : exitCodes.unusable;
}

function hintOf(status: number, document: Partial<ProblemDocument>): string | undefined {
  if (status === 401 || status === 403) {
    return 'Check --key, or ROLLCALL_KEY. The local stack keeps its key in .rollcall/endpoint.json.';
  }
  if (document.code === 'action_running' && typeof document.actionId === 'string') {
    const id = plain(document.actionId);
    return `Wait for it: rollcall watch ${id}. If its sheet never came: rollcall cancel ${id}`;
  }
  if (status === 404 && document.code === undefined) return 'Is this the address of a Rollcall service?';
  return undefined;
}

function transientOf(response: Response): Transient | undefined {
  if (![429, 500, 502, 503, 504].includes(response.status)) return undefined;
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? { retryAfterSeconds: seconds } : {};
}
