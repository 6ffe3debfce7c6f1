const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name of the host could not be looked up',
  ECONNRESET: 'the connection was lost',
  UND_ERR_SOCKET: 'the connection was lost',
  ETIMEDOUT: 'no answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'no answer in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
};

/** What `fetch` stumbled over, in words; never with the address, which may be a presigned one. */
export function describeNetworkError(error: unknown): string {
  if (!(error instanceof Error)) return 'the request failed';
  if (error.name === 'TimeoutError') return 'no answer in time';
  const code = networkErrorCode(error);
  return (code && reasons[code]) || `the request failed${code ? ` (${code})` : ''}`;
}

/** `fetch` hides the code in a cause, and that of several addresses of one host in an aggregate of causes. */
function networkErrorCode(error: Error): string | undefined {
  const { code } = error as NodeJS.ErrnoException;
  if (code) return code;
  if (error instanceof AggregateError) return networkErrorCode(error.errors[0]);
  return error.cause instanceof Error ? networkErrorCode(error.cause) : undefined;
}
