import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** A boundary service that takes bulk calls and so many milliseconds for each. */
export class BulkService implements AsyncDisposable {
  readonly #server: Server;

  static async start(callMs: number): Promise<BulkService> {
    const service = new BulkService(callMs);
    service.#server.listen(0, '127.0.0.1');
    await once(service.#server, 'listening');
    return service;
  }

  private constructor(callMs: number) {
    this.#server = createServer(async (request, response) => {
      const [results] = await Promise.all([resultsOf(request), new Promise((resolve) => setTimeout(resolve, callMs))]);
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ results }));
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

async function resultsOf(request: IncomingMessage) {
  const { items } = (await json(request)) as { items: { externalId: string }[] };
  return items.map(({ externalId }) => ({ externalId, id: `svc-${externalId}`, status: 201 }));
}
