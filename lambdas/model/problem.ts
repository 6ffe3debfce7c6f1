/** The members of an RFC 9457 problem document that Rollcall answers with. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail: string;
  readonly [member: string]: unknown;
}

/** Every problem the API answers with: stable code, HTTP status, title. */
export const problems = {
  invalid_request: { status: 400, title: 'The request is not valid' },
  unauthorized: { status: 401, title: 'The API key is missing or not valid' },
  forbidden: { status: 403, title: 'The API key may not do this' },
  not_found: { status: 404, title: 'There is no such thing' },
  method_not_allowed: { status: 405, title: 'The path does not have this method' },
  action_running: { status: 409, title: 'An action of this reference and process is still running' },
  already_exists: { status: 409, title: 'There is such a thing already' },
  idempotency_conflict: { status: 409, title: 'The idempotency key was used for another request' },
  illegal_transition: { status: 409, title: 'The thing is not in a state that allows this' },
  nothing_selected: { status: 409, title: "None of the action's rows is meant" },
  not_undoable: { status: 409, title: 'What the action did can not be undone' },
  upload_incomplete: { status: 409, title: 'The upload is not complete' },
  too_many_webhooks: { status: 409, title: 'The account has as many webhooks as it may' },
  no_longer_kept: { status: 410, title: 'What was asked for is no longer kept' },
  payload_too_large: { status: 413, title: 'The request is too large' },
  unsupported_media_type: { status: 415, title: 'The request body is not JSON' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  internal_error: { status: 500, title: 'Something went wrong on our side' },
} as const;
export type ProblemCode = keyof typeof problems;

/** An error that has an answer: thrown anywhere under a handler, turned into problem+json at its edge. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: ProblemCode;
  /** Further members of the problem document, e.g. the running action's id. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: ProblemCode, detail: string, members: Record<string, unknown> = {}, options?: ErrorOptions) {
    super(detail, options);
    this.code = code;
    this.members = members;
  }

  get status(): number {
    return problems[this.code].status;
  }

  toDocument(): ProblemDocument {
    const { status, title } = problems[this.code];
    const type = `urn:rollcall:problem:${this.code}`;
    // Last, so that no further member takes the place of a standard one.
    return { ...this.members, type, title, status, code: this.code, detail: this.message };
  }
}
