import { readFileSync } from 'node:fs';
import { OutsideServer, type ReceivedRequest, type ServiceAnswer } from './outside-service.ts';

type IsGenuine = (secret: string, signature: string, body: string, now?: number) => boolean;

/** How the documentation tells receivers to verify a delivery: the very code of the page. */
export const { isGenuine }: { isGenuine: IsGenuine } = await import(codeOnThePage());

/** The page's one block of JavaScript as a module. */
function codeOnThePage(): string {
  const page = readFileSync(new URL('../../docs/webhooks.md', import.meta.url), 'utf8');
  const [, code] = /```js\n([\s\S]+?)```/.exec(page) ?? [];
  if (code === undefined) throw new Error('docs/webhooks.md has no block of JavaScript.');
  return `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`;
}

/** Somebody's server that hears of ends. Answers 200 unless told otherwise, by `handle` or by a fault. */
export function startReceiver(
  handle: (request: ReceivedRequest) => ServiceAnswer | Promise<ServiceAnswer> = () => ({ status: 200 }),
): Promise<OutsideServer> {
  return OutsideServer.start({ handle });
}
