/** Which operation an AWS request asks for, read from its protocol's own place. */
import type { IncomingMessage } from 'node:http';

export function operationOf(service: string, request: IncomingMessage, body: Buffer): string {
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') return target.slice(target.lastIndexOf('.') + 1);
  const action = /(?:^|&)Action=([A-Za-z]+)/.exec(service === 'sns' || service === 'sts' ? body.toString() : '')?.[1];
  if (action) return action;
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (service === 's3') return s3Operation(request, url);
  return `${request.method} ${url.pathname.split('/')[1] ?? ''}`;
}

function s3Operation({ method = 'GET', headers }: IncomingMessage, { pathname, searchParams }: URL): string {
  const hasKey = pathname.split('/').filter(Boolean).length > 1;
  if (method === 'POST') {
    if (searchParams.has('uploads')) return 'CreateMultipartUpload';
    return searchParams.has('uploadId') ? 'CompleteMultipartUpload' : 'DeleteObjects';
  }
  if (method === 'PUT') {
    if (searchParams.has('partNumber')) return 'UploadPart';
    return headers['x-amz-copy-source'] ? 'CopyObject' : 'PutObject';
  }
  if (method === 'DELETE') return searchParams.has('uploadId') ? 'AbortMultipartUpload' : 'DeleteObject';
  if (method === 'HEAD') return hasKey ? 'HeadObject' : 'HeadBucket';
  return hasKey ? 'GetObject' : 'ListObjectsV2';
}
