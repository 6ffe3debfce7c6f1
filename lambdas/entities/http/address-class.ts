import { isIP } from 'node:net';

/**
 * `forbidden`: link-local, instance metadata, multicast: no service lives there, credentials do.
 * `private`: inside a machine or a private network; only where the configuration permits it.
 */
export type AddressClass = 'public' | 'private' | 'forbidden';

interface Range {
  readonly base: Uint8Array;
  readonly bits: number;
}

// Sources: IANA special-purpose address registries (RFC 6890 and its updates), the metadata addresses of AWS
// (IPv4 link-local, fd00:ec2::/32 for IPv6), Alibaba Cloud (100.100.100.200) and Oracle Cloud (192.0.0.192).
const forbidden = ranges(
  '169.254.0.0/16 100.100.100.200/32 192.0.0.192/32 224.0.0.0/4 255.255.255.255/32',
  'fe80::/10 fd00:ec2::/32 ff00::/8',
);
const closed = ranges(
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.168.0.0/16',
  '198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4',
  '::/127 fc00::/7 fec0::/10 100::/64 2001:db8::/32',
);
/** IPv6 addresses that carry an IPv4 one, and at which byte: mapped, compatible, NAT64, NAT64 local, 6to4. */
const carriers: readonly { readonly range: Range; readonly at: number }[] = [
  { range: range('::ffff:0:0/96'), at: 12 },
  { range: range('::ffff:0:0:0/96'), at: 12 },
  { range: range('::/96'), at: 12 },
  { range: range('64:ff9b::/96'), at: 12 },
  { range: range('64:ff9b:1::/48'), at: 12 },
  { range: range('2002::/16'), at: 2 },
];

/** What kind of address this is, whatever IPv6 dress an IPv4 address wears. Throws for what is no address. */
export function classifyAddress(address: string): AddressClass {
  return classify(bytesOf(address));
}

function classify(bytes: Uint8Array): AddressClass {
  if (within(forbidden, bytes)) return 'forbidden';
  if (within(closed, bytes)) return 'private';
  const carrier = carriers.find(({ range }) => contains(range, bytes));
  return carrier === undefined ? 'public' : classify(bytes.subarray(carrier.at, carrier.at + 4));
}

function ranges(...lists: string[]): Range[] {
  return lists.flatMap((list) => list.split(' ')).map(range);
}

function range(text: string): Range {
  const [address = '', bits] = text.split('/');
  return { base: bytesOf(address), bits: Number(bits) };
}

const within = (list: readonly Range[], bytes: Uint8Array) => list.some((one) => contains(one, bytes));

function contains({ base, bits }: Range, bytes: Uint8Array): boolean {
  return (
    base.length === bytes.length && base.every((byte, i) => ((byte ^ (bytes[i] ?? 0)) & maskOf(bits - 8 * i)) === 0)
  );
}

/** The mask of a byte of which the first `bits` count. */
function maskOf(bits: number): number {
  return bits <= 0 ? 0 : bits >= 8 ? 0xff : (0xff << (8 - bits)) & 0xff;
}

function bytesOf(address: string): Uint8Array {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  switch (isIP(bare)) {
    case 4:
      return Uint8Array.from(bare.split('.'), Number);
    case 6:
      return ipv6Bytes(bare);
    default:
      throw new TypeError(`expected an IP address, got ${address}`);
  }
}

function ipv6Bytes(address: string): Uint8Array {
  const [head = [], tail] = address.split('::').map(groupsOf);
  const zeros = tail === undefined ? 0 : 8 - head.length - tail.length;
  const groups = [...head, ...new Array<number>(zeros).fill(0), ...(tail ?? [])];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

/** Groups of 16 bits; the last may be written as an IPv4 address, which is two. */
function groupsOf(part: string): number[] {
  return part
    .split(':')
    .filter(Boolean)
    .flatMap((group) => {
      if (!group.includes('.')) return [Number.parseInt(group, 16)];
      const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
      return [(a << 8) | b, (c << 8) | d];
    });
}
