import type { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchKey,
  NoSuchUpload,
  NotFound,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

/** Bytes of an object and their fingerprint. */
export interface ObjectFacts {
  readonly size: number;
  readonly etag: string;
}

/** Under the key there is another object by now than the one that was meant. */
export class ObjectReplacedError extends Error {
  constructor(key: string, cause: unknown) {
    super(`${key} was replaced`, { cause });
    this.name = 'ObjectReplacedError';
  }
}

/** One part of a finished multipart upload. */
export interface UploadedPart {
  readonly partNumber: number;
  readonly etag: string;
}

/** Larger objects are written in parts of this size. */
const partBytes = 8 * 1024 ** 2;

/** Characters of one group of lines, give or take a line: what a reader holds at a time. */
const groupCharacters = 8 * 1024 ** 2;

/** The one bucket: uploads, inbox, chunks, results and reports. */
export class SheetBucket {
  private readonly client: S3Client;
  private readonly bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.client = client;
    this.bucket = bucket;
  }

  /** Size and ETag; undefined when there is no such object. */
  async head(key: string): Promise<ObjectFacts | undefined> {
    try {
      const answer = await this.client.send(new HeadObjectCommand({ Bucket: this.bucket, Key: key }));
      return { size: answer.ContentLength ?? 0, etag: answer.ETag ?? '' };
    } catch (error) {
      if (error instanceof NotFound || error instanceof NoSuchKey) return undefined;
      throw error;
    }
  }

  /**
   * The object's bytes as a stream; `end` is exclusive.
   * @param etag of the object that is meant @throws ObjectReplacedError when it is another one by now
   */
  async open(key: string, range?: { start: number; end: number }, etag?: string): Promise<Readable> {
    try {
      const answer = await this.client.send(
        new GetObjectCommand({
          Bucket: this.bucket,
          Key: key,
          ...(range !== undefined && { Range: `bytes=${range.start}-${range.end - 1}` }),
          ...(etag !== undefined && { IfMatch: `"${etag}"` }),
        }),
      );
      return answer.Body as Readable;
    } catch (error) {
      throw (error as Error).name === 'PreconditionFailed' ? new ObjectReplacedError(key, error) : error;
    }
  }

  /** A sheet in the bucket as random-access bytes; with `etag`, of that very object. */
  source(
    key: string,
    size: number,
    etag?: string,
  ): { size: number; open(range?: { start: number; end: number }): Promise<Readable> } {
    return { size, open: (range) => this.open(key, range, etag) };
  }

  /** Writes the whole object, in parts when it is large: a chunk of wide rows is. */
  async put(key: string, body: string | Buffer, contentType: string): Promise<void> {
    if (Buffer.byteLength(body) > partBytes) {
      return this.putInParts(key, typeof body === 'string' ? Buffer.from(body) : body, contentType);
    }
    await this.client.send(
      new PutObjectCommand({ Bucket: this.bucket, Key: key, Body: body, ContentType: contentType }),
    );
  }

  /** Writes a stream of unknown length, in parts when it is long. Nothing appears under the key unless all arrived. */
  putStream(key: string, body: Readable, contentType: string): Promise<void> {
    return this.putInParts(key, body, contentType);
  }

  private async putInParts(key: string, body: Readable | Buffer, contentType: string): Promise<void> {
    const upload = new Upload({
      client: this.client,
      params: { Bucket: this.bucket, Key: key, Body: body, ContentType: contentType },
      partSize: partBytes,
      queueSize: 2,
    });
    await upload.done();
  }

  /** Writes values as NDJSON. */
  async putLines(key: string, values: readonly unknown[]): Promise<void> {
    const lines = values.map((value) => `${JSON.stringify(value)}\n`).join('');
    // The SDK takes a body of nothing for a stream of unknown length.
    await this.put(key, lines || '\n', 'application/x-ndjson');
  }

  /**
   * Reads NDJSON in groups of at most `groupSize` values, fewer where they are large. Throws NoSuchKey when there is no
   * such object.
   */
  async *readLines<Value>(key: string, groupSize: number): AsyncGenerator<Value[]> {
    const body = await this.open(key);
    let group: Value[] = [];
    let characters = 0;
    try {
      for await (const lines of linesOf(body)) {
        for (const line of lines) {
          if (line === '') continue;
          group.push(JSON.parse(line) as Value);
          characters += line.length;
          if (group.length === groupSize || characters >= groupCharacters) {
            yield group;
            group = [];
            characters = 0;
          }
        }
      }
      if (group.length > 0) yield group;
    } finally {
      // Whoever has read enough would else leave a connection behind, half read.
      body.destroy();
    }
  }

  async getJson<Value>(key: string): Promise<Value> {
    const answer = await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: key }));
    return JSON.parse((await answer.Body?.transformToString()) ?? 'null') as Value;
  }

  /** Undefined when there is no such object. */
  async findJson<Value>(key: string): Promise<Value | undefined> {
    return (await this.head(key)) && this.getJson<Value>(key);
  }

  /** A form that uploads exactly `size` bytes under exactly `key`. */
  async presignPost(
    key: string,
    size: number,
    expiresInSeconds: number,
  ): Promise<{ url: string; fields: Record<string, string> }> {
    return createPresignedPost(this.client, {
      Bucket: this.bucket,
      Key: key,
      Conditions: [['content-length-range', size, size]],
      Expires: expiresInSeconds,
    });
  }

  async startMultipart(key: string): Promise<string> {
    const answer = await this.client.send(new CreateMultipartUploadCommand({ Bucket: this.bucket, Key: key }));
    return answer.UploadId as string;
  }

  presignPart(
    key: string,
    uploadId: string,
    partNumber: number,
    size: number,
    expiresInSeconds: number,
  ): Promise<string> {
    return getSignedUrl(
      this.client,
      new UploadPartCommand({
        Bucket: this.bucket,
        Key: key,
        UploadId: uploadId,
        PartNumber: partNumber,
        ContentLength: size,
      }),
      { expiresIn: expiresInSeconds },
    );
  }

  async completeMultipart(key: string, uploadId: string, parts: readonly UploadedPart[]): Promise<void> {
    await this.client.send(
      new CompleteMultipartUploadCommand({
        Bucket: this.bucket,
        Key: key,
        UploadId: uploadId,
        MultipartUpload: { Parts: parts.map(({ partNumber, etag }) => ({ PartNumber: partNumber, ETag: etag })) },
      }),
    );
  }

  /** Drops the parts of an upload that will not be completed; one that is gone, or complete, is left as it is. */
  async abortMultipart(key: string, uploadId: string): Promise<void> {
    try {
      await this.client.send(new AbortMultipartUploadCommand({ Bucket: this.bucket, Key: key, UploadId: uploadId }));
    } catch (error) {
      if (!(error instanceof NoSuchUpload)) throw error;
    }
  }

  /** A link that downloads the object under a file name. */
  presignGet(key: string, fileName: string, expiresInSeconds: number): Promise<string> {
    return getSignedUrl(
      this.client,
      new GetObjectCommand({
        Bucket: this.bucket,
        Key: key,
        ResponseContentDisposition: `attachment; filename*=UTF-8''${encodeURIComponent(fileName)}`,
      }),
      { expiresIn: expiresInSeconds },
    );
  }
}

/**
 * The lines of a UTF-8 text, as many at a time as arrive together. Not by `node:readline`: it also ends a line at U+2028
 * and U+2029, which JSON leaves as they are, and hands out each by itself at several times the cost.
 */
async function* linesOf(body: Readable): AsyncGenerator<string[]> {
  body.setEncoding('utf8');
  let open = '';
  for await (const text of body as AsyncIterable<string>) {
    const lines = (open + text).split('\n');
    open = lines.pop() as string;
    yield lines;
  }
  yield [open];
}

interface MappingListPlace {
  readonly accountId: string;
  readonly referenceId: string;
  /** ARN of the execution. */
  readonly execution: string;
  readonly cycle: number;
}

/** Where everything lies in the bucket. */
export const sheetKeys = {
  upload: (accountId: string, actionId: string, fileName: string) => `uploads/${accountId}/${actionId}/${fileName}`,
  preview: (accountId: string, previewId: string) => `previews/${accountId}/${previewId}/sheet`,
  /** Apart from other uploads, because it may be a year until it is read. */
  scheduled: (accountId: string, actionId: string, fileName: string) =>
    `scheduled/${accountId}/${actionId}/${fileName}`,
  chunk: (actionId: string, chunk: string) => `chunks/${actionId}/${chunk}.ndjson`,
  identified: (actionId: string, chunk: string, run: number) => `chunks/${actionId}/${chunk}.identified-${run}.json`,
  revived: (actionId: string) => `chunks/${actionId}/revived.json`,
  batchRows: (actionId: string, run: number, batch: number) => `chunks/${actionId}/batch-${run}-${batch}.json`,
  results: (actionId: string, chunk: string) => `results/${actionId}/${chunk}.ndjson`,
  /** The entities of a chunk that an undoing has left alone. */
  undo: (actionId: string, chunk: string) => `reports/${actionId}/undo/${chunk}.ndjson`,
  report: (actionId: string, name: string) => `reports/${actionId}/${name}`,
  journal: (actionId: string, name: string) => `journal/${actionId}/${name}.ndjson`,
  /** Lists of one cycle of one run; the run by the last part of its execution's ARN. */
  mappingList: (run: MappingListPlace, list: string) =>
    `mapping/${run.accountId}/${run.referenceId}/${run.execution.split(':').at(-1)}/${run.cycle}/${list}.ndjson`,
};
