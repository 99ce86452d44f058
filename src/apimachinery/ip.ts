import { goQuote } from './go-text.ts';
import { invalid, type FieldError } from './validation.ts';

/** An address as 4 or 16 bytes. */
export type IpBytes = readonly number[];

export interface Cidr {
  readonly address: IpBytes;
  readonly prefixLength: number;
}

/** The bytes of an address, or `undefined`. Leading zeros in IPv4 are accepted, as Kubernetes does in old fields. */
export function parseIp(text: string): IpBytes | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const address = parseIp(text.slice(0, slash));
  const length = text.slice(slash + 1);
  if (!address || !/^\d{1,4}$/.test(length) || Number(length) > address.length * 8) return undefined;
  return { address, prefixLength: Number(length) };
}

export function isIpv4(text: string): boolean {
  return !text.includes(':') && parseIpv4(text) !== undefined;
}

/** The address in its canonical form, if it is IPv4: where zeros lead, other programs would read it as octal. */
export function ipv4Text(text: string): string | undefined {
  if (text.includes(':')) return undefined;
  const address = parseIpv4(text);
  if (address === undefined) return undefined;
  return /(?:^|\.)0\d/.test(text) ? address.join('.') : text;
}

export function isIpv6(text: string): boolean {
  return text.includes(':') && parseIpv6(text) !== undefined;
}

/** The canonical text (RFC 5952 for IPv6). An IPv4 address inside IPv6 is shown as IPv4. */
export function ipText(address: IpBytes): string {
  if (address.length === 4) return address.join('.');
  if (isMapped(address)) return address.slice(12).join('.');
  const groups = groupsOf(address);
  const { start, length } = longestZeros(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

/** The canonical text of the network: bits beyond the prefix are cleared. */
export function cidrText(cidr: Cidr): string {
  return `${ipText(networkOf(cidr))}/${cidr.prefixLength}`;
}

/** The address with the bits beyond the prefix cleared. */
export function networkOf({ address, prefixLength }: Cidr): IpBytes {
  return address.map((byte, index) => byte & (0xff << Math.max(0, 8 - Math.max(0, prefixLength - index * 8))) & 0xff);
}

export function cidrContains(cidr: Cidr, address: IpBytes): boolean {
  if (cidr.address.length !== address.length) return false;
  const network = networkOf(cidr);
  const other = networkOf({ address, prefixLength: cidr.prefixLength });
  return network.every((byte, index) => byte === other[index]);
}

/** What is wrong with an address that must be in its canonical form. */
export function ipComplaints(value: string): string[] {
  const complaints = oldIpComplaints(value, true);
  const address = parseIp(value);
  if (complaints.length > 0 || !address || ipText(address) === value) return complaints;
  return [`must be in canonical form (${goQuote(ipText(address))})`];
}

/** Errors of a field that takes one address in its canonical form. */
export function validateIp(path: string, value: string): FieldError[] {
  return ipComplaints(value).map((complaint) => invalid(path, value, complaint));
}

/** Errors of a field that has always taken sloppy forms too; `strict` refuses them in new objects. */
export function validateOldIp(path: string, value: string, strict: boolean): FieldError[] {
  return oldIpComplaints(value, strict).map((complaint) => invalid(path, value, complaint));
}

function oldIpComplaints(value: string, strict: boolean): string[] {
  const address = parseIp(value);
  if (!address) return ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'];
  if (!strict) return [];
  if (hasLeadingZero(value)) return ['must not have leading 0s'];
  return isMapped(address) ? ['must not be an IPv4-mapped IPv6 address'] : [];
}

/** Errors of a field that takes a network in its canonical form. */
export function validateCidr(path: string, value: string): FieldError[] {
  const errors = validateOldCidr(path, value, true);
  const cidr = parseCidr(value);
  if (errors.length > 0 || !cidr || cidrText(cidr) === value) return errors;
  return [invalid(path, value, `must be in canonical form (${goQuote(cidrText(cidr))})`)];
}

export function validateOldCidr(path: string, value: string, strict: boolean): FieldError[] {
  const cidr = parseCidr(value);
  if (!cidr) return [invalid(path, value, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')];
  if (!strict) return [];
  if (hasLeadingZero(value)) return [invalid(path, value, 'must not have leading 0s in IP or prefix length')];
  if (isMapped(cidr.address)) return [invalid(path, value, 'must not have an IPv4-mapped IPv6 address')];
  if (networkOf(cidr).some((byte, index) => byte !== cidr.address[index]))
    return [invalid(path, value, 'must not have bits set beyond the prefix length')];
  return [];
}

/** About a network that is right but written in an unusual way, or that may have been meant otherwise. */
export function cidrWarnings(path: string, value: string): string[] {
  const cidr = parseCidr(value);
  if (!cidr) return [];
  const network = networkOf(cidr);
  const [shown, usual] = [goQuote(value), goQuote(cidrText(cidr))];
  const warnings: string[] = [];
  if (network.some((byte, index) => byte !== cidr.address[index])) {
    const single = goQuote(`${ipText(cidr.address)}/${cidr.address.length * 8}`);
    warnings.push(`${path}: CIDR value ${shown} is ambiguous in this context (should be ${usual} or ${single}?)`);
  }
  if (hasLeadingZero(value) || isMapped(cidr.address))
    warnings.push(
      `${path}: non-standard CIDR value ${shown} will be considered invalid in a future Kubernetes release: use ${usual}`,
    );
  if (warnings.length === 0 && cidr.address.length === 16 && cidrText(cidr) !== value)
    warnings.push(`${path}: IPv6 CIDR value ${shown} should be in RFC 5952 canonical format (${usual})`);
  return warnings;
}

/** Letter by letter: a proxy asks this of every address of the cluster. */
function parseIpv4(text: string): IpBytes | undefined {
  const bytes: number[] = [];
  let byte: number | undefined;
  for (let index = 0; index <= text.length; index++) {
    const digit = text.charCodeAt(index) - 48;
    if (digit >= 0 && digit <= 9) {
      byte = (byte ?? 0) * 10 + digit;
      if (byte > 255) return undefined;
      continue;
    }
    if (byte === undefined || (index < text.length && text[index] !== '.')) return undefined;
    bytes.push(byte);
    byte = undefined;
  }
  return bytes.length === 4 ? bytes : undefined;
}

function parseIpv6(text: string): IpBytes | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groupBytes(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? groupBytes(halves[1]!, true) : [];
  if (!head || !tail) return undefined;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined;
  return [...head, ...Array<number>(missing).fill(0), ...tail];
}

function groupBytes(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [index, group] of groups.entries()) {
    if (group.includes('.') && mayEndInIpv4 && index === groups.length - 1) {
      const four = parseIpv4(group);
      if (!four) return undefined;
      bytes.push(...four);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
      const value = parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    }
  }
  return bytes;
}

function groupsOf(address: IpBytes): number[] {
  return Array.from({ length: 8 }, (_, index) => (address[index * 2]! << 8) | address[index * 2 + 1]!);
}

function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (groups[end] === 0) end++;
    if (end - start > best.length) best = { start, length: end - start };
    start = Math.max(start, end);
  }
  return best;
}

function isMapped(address: IpBytes): boolean {
  return (
    address.length === 16 &&
    address.slice(0, 10).every((byte) => byte === 0) &&
    address[10] === 0xff &&
    address[11] === 0xff
  );
}

/** Leading zeros in a decimal part of an IPv4 address or in the length of a prefix: some programs read them as octal. */
function hasLeadingZero(text: string): boolean {
  return /(?:^|[./:])0\d+(?:\.|$)/.test(text.replace(/^[^.]*:/, ':')) || /\/0\d/.test(text);
}
