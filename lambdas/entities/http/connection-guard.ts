import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { classifyAddress } from './address-class.ts';

/** A service's address leads where no service may be called. */
export class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError';
}

/** Resolves a host name to all its addresses, as `dns.lookup` with `all` does. */
export type ResolveHost = (
  host: string,
  done: (error: Error | null, addresses: readonly { readonly address: string; readonly family: number }[]) => void,
) => void;

const resolveBySystem: ResolveHost = (host, done) =>
  systemLookup(host, { all: true }, (error, addresses) => done(error, addresses ?? []));

/**
 * Decides which addresses may be connected to. Names are judged by what they resolve to at the moment of the
 * connection, so that a name which changes its mind after a check gains nothing.
 */
export class ConnectionGuard {
  readonly #allowPrivate: boolean;
  readonly #resolve: ResolveHost;

  constructor(allowPrivate: boolean, resolve: ResolveHost = resolveBySystem) {
    this.#allowPrivate = allowPrivate;
    this.#resolve = resolve;
  }

  /** Checks what no name resolution will see: the scheme, and a host that is an address already. */
  check(url: URL): void {
    if (url.protocol !== 'https:' && !(this.#allowPrivate && url.protocol === 'http:')) {
      throw new ForbiddenAddressError(`expected an https address for ${url.hostname}`);
    }
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0) this.#checkAddress(host, host);
  }

  /** For sockets, in place of `dns.lookup`. One bad address among several refuses the name. */
  readonly lookup: LookupFunction = (host, options, callback) => {
    this.#resolve(host, (error, addresses) => {
      const refusal = error ?? this.#refusalOf(host, addresses);
      const [first] = addresses;
      if (refusal !== null || first === undefined) return callback(refusal ?? notFound(host), '', 0);
      if (options.all) return callback(null, [...addresses]);
      callback(null, first.address, first.family);
    });
  };

  #refusalOf(host: string, addresses: readonly { readonly address: string }[]): Error | null {
    try {
      for (const { address } of addresses) this.#checkAddress(host, address);
      return null;
    } catch (error) {
      return error as Error;
    }
  }

  #checkAddress(host: string, address: string): void {
    const kind = classifyAddress(address);
    if (kind === 'public' || (kind === 'private' && this.#allowPrivate)) return;
    const hint = kind === 'private' ? '; `allowPrivate` permits addresses in private networks' : '';
    throw new ForbiddenAddressError(`${host} leads to a ${kind} address, which may not be called${hint}`);
  }
}

function notFound(host: string): Error {
  return Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' });
}
