/**
 * Checks browser uploads (presigned POST) against their policy. fauxqs takes any form; S3 refuses one that is late, too
 * large, or meant for another key. The signature itself is not checked: local credentials are no secret.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
 */
import type { buildApp } from './fauxqs-parts.ts';

interface UploadForm {
  fields: Map<string, string>;
  fileBytes: number;
}

interface Refusal {
  code: string;
  message: string;
}

interface PolicyDocument {
  expiration?: string;
  conditions?: Array<Record<string, string> | [string, string | number, string | number]>;
}

export function addUploadPolicy(app: ReturnType<typeof buildApp>): void {
  app.addHook('preHandler', async (request, reply) => {
    const type = request.headers['content-type'] ?? '';
    if (request.method !== 'POST' || !type.startsWith('multipart/form-data') || !Buffer.isBuffer(request.body)) return;
    const form = readForm(request.body, /boundary="?([^\s;"]+)/i.exec(type)?.[1] ?? '');
    const bucket = (request.params as { bucket?: string }).bucket ?? '';
    const refusal = checkPolicy(form, bucket, Date.now());
    if (!refusal) return;
    const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${refusal.code}</Code><Message>${refusal.message}</Message></Error>`;
    return reply
      .status(refusal.code === 'AccessDenied' ? 403 : 400)
      .header('content-type', 'application/xml')
      .send(xml);
  });
}

/** The first reason to refuse the upload, or undefined. A form without a policy is an anonymous upload: refused. */
export function checkPolicy({ fields, fileBytes }: UploadForm, bucket: string, now: number): Refusal | undefined {
  const encoded = fields.get('policy');
  if (!encoded) return denied('The form has no policy.');
  const policy = JSON.parse(Buffer.from(encoded, 'base64').toString()) as PolicyDocument;
  if (policy.expiration && Date.parse(policy.expiration) <= now)
    return denied('Invalid according to Policy: Policy expired.');
  for (const condition of policy.conditions ?? []) {
    const refusal = Array.isArray(condition)
      ? checkListed(condition, fields, fileBytes, bucket)
      : Object.entries(condition)
          .map(([name, value]) => checkListed(['eq', `$${name}`, value], fields, fileBytes, bucket))
          .find(Boolean);
    if (refusal) return refusal;
  }
  return undefined;
}

function checkListed(
  [operator, first, second]: [string, string | number, string | number],
  fields: Map<string, string>,
  fileBytes: number,
  bucket: string,
): Refusal | undefined {
  if (operator === 'content-length-range') {
    if (fileBytes < Number(first))
      return { code: 'EntityTooSmall', message: 'Your proposed upload is smaller than the minimum allowed size.' };
    if (fileBytes > Number(second))
      return { code: 'EntityTooLarge', message: 'Your proposed upload exceeds the maximum allowed size.' };
    return undefined;
  }
  const name = String(first).replace(/^\$/, '').toLowerCase();
  const value = name === 'bucket' ? bucket : (fields.get(name) ?? '');
  const holds = operator === 'starts-with' ? value.startsWith(String(second)) : value === String(second);
  return holds
    ? undefined
    : denied(`Invalid according to Policy: Policy Condition failed: ["${operator}", "$${name}"].`);
}

function denied(message: string): Refusal {
  return { code: 'AccessDenied', message };
}

function readForm(body: Buffer, boundary: string): UploadForm {
  const delimiter = Buffer.from(`--${boundary}`);
  const fields = new Map<string, string>();
  let start = body.indexOf(delimiter);
  while (start >= 0) {
    const headersEnd = body.indexOf('\r\n\r\n', start);
    const next = body.indexOf(delimiter, start + delimiter.length);
    if (headersEnd < 0 || next < 0) break;
    const headers = body.toString('utf8', start, headersEnd);
    const name = /name="([^"]*)"/.exec(headers)?.[1] ?? '';
    // The file is the last field that S3 reads.
    if (name === 'file' || headers.includes('filename=')) return { fields, fileBytes: next - 2 - (headersEnd + 4) };
    fields.set(name.toLowerCase(), body.toString('utf8', headersEnd + 4, next - 2));
    start = next;
  }
  return { fields, fileBytes: 0 };
}
