/** A range of IPv4 addresses: the first one as a number, and how many leading bits it fixes. */
export interface Cidr {
  readonly first: number;
  readonly prefix: number;
}

/** `10.244.0.0/16`, or a single address. `undefined` for anything else, IPv6 included. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(text);
  if (match === null) return undefined;
  const bytes = match.slice(1, 5).map(Number);
  const prefix = match[5] === undefined ? 32 : Number(match[5]);
  if (prefix > 32 || bytes.some((byte) => byte > 255)) return undefined;
  const address = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  return { first: address - (address % sizeOf(prefix)), prefix };
}

/** As {@link parseCidr}; throws on what is none. */
export function cidr(text: string): Cidr {
  const parsed = parseCidr(text);
  if (parsed === undefined) throw new Error(`Cannot read "${text}": must be an IPv4 range such as 10.244.0.0/16`);
  return parsed;
}

export function overlap(a: Cidr, b: Cidr): boolean {
  return a.first < b.first + sizeOf(b.prefix) && b.first < a.first + sizeOf(a.prefix);
}

/** The `index`-th address of the range. */
export function addressIn(range: Cidr, index: number): string {
  return addressText(range.first + index);
}

/** The `index`-th part of the range when it is cut into parts of `prefix` bits. */
export function partOf(range: Cidr, prefix: number, index: number): Cidr {
  return { first: range.first + index * sizeOf(prefix), prefix };
}

export function cidrText({ first, prefix }: Cidr): string {
  return `${addressText(first)}/${prefix}`;
}

function addressText(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

function sizeOf(prefix: number): number {
  return 2 ** (32 - prefix);
}
