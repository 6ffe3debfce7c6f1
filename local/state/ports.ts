/** Which ports a local run listens on. */
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export interface Ports {
  api: number;
  messaging: number;
  dynamodb: number;
  control: number;
  /** Only with an interceptor. */
  proxy: number;
}

/** After a kill, the parts of the former run need a moment to let go of their ports. */
const RELEASE_WAIT_MS = 3_000;

/** @param port the API's; the others follow it. 0 = any free ones */
export async function choosePorts(port: number): Promise<Ports> {
  if (port === 0) {
    const [api, messaging, dynamodb, control, proxy] = await freePorts(5);
    return { api, messaging, dynamodb, control, proxy } as Ports;
  }
  const ports: Ports = { api: port, messaging: port + 1, dynamodb: port + 2, control: port + 3, proxy: port + 4 };
  for (const [purpose, number] of Object.entries(ports)) await waitUntilFree(number, purpose);
  return ports;
}

async function waitUntilFree(port: number, purpose: string): Promise<void> {
  const deadline = Date.now() + RELEASE_WAIT_MS;
  while (true) {
    const server = await tryListen(port);
    if (server) return close(server);
    if (Date.now() > deadline) {
      throw new Error(
        `Port ${port} (${purpose}) is in use by another program. Stop it, or choose another port: the stack uses that one and the four after it.`,
      );
    }
    await delay(100);
  }
}

/** All are held until the last is found, so that no two are the same. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => tryListen(0)));
  const listening = servers.filter((server) => server !== undefined);
  const ports = listening.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(listening.map(close));
  return ports;
}

function tryListen(port: number): Promise<ReturnType<typeof createServer> | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function close(server: ReturnType<typeof createServer>): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
