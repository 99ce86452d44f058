import { goQuote } from '../../apimachinery/go-text.ts';
import { cidrContains, ipText, networkOf, parseCidr, parseIp, type Cidr, type IpBytes } from '../../apimachinery/ip.ts';
import { memberOverload, overload, type Library } from '../check/function.ts';
import { boolType, intType, opaqueType, stringType, type Type } from '../type.ts';
import { CelError, CelObject } from '../values/value.ts';

const ipType = opaqueType('net.IP');
const cidrType = opaqueType('net.CIDR');

class Ip extends CelObject {
  readonly bytes: IpBytes;

  constructor(bytes: IpBytes) {
    super();
    this.bytes = bytes;
  }

  get type(): Type {
    return ipType;
  }

  get costSize(): number {
    return this.bytes.length;
  }

  override isEqual(other: CelObject): boolean {
    return other instanceof Ip && ipText(other.bytes) === ipText(this.bytes);
  }

  override toString(): string {
    return ipText(this.bytes);
  }
}

class CidrValue extends CelObject {
  readonly cidr: Cidr;

  constructor(cidr: Cidr) {
    super();
    this.cidr = cidr;
  }

  get type(): Type {
    return cidrType;
  }

  get costSize(): number {
    return Math.ceil(this.cidr.prefixLength / 8);
  }

  override isEqual(other: CelObject): boolean {
    return other instanceof CidrValue && other.toString() === this.toString();
  }

  override toString(): string {
    return `${ipText(this.cidr.address)}/${this.cidr.prefixLength}`;
  }
}

/** An address in a form that no program reads otherwise: no leading zeros, no zone, no IPv4 within IPv6. */
function parseAddress(text: string): Ip | CelError {
  const complaint = (rule: string) =>
    new CelError(
      `IP Address ${goQuote(text)} parse error during conversion from string: ParseAddr(${goQuote(text)}): ${rule}`,
    );
  if (text.includes(':') && text.includes('%') && parseIp(text.slice(0, text.indexOf('%'))))
    return new CelError(`IP address ${goQuote(text)} with zone value is not allowed`);
  const bytes = parseIp(text);
  if (!bytes) return complaint(addressRule(text));
  if (/(?:^|\.|:)0\d+(?:\.|$)/.test(text) && text.includes('.'))
    return complaint('IPv4 field has octet with leading zero');
  if (bytes.length === 16 && isMapped(bytes))
    return new CelError(`IPv4-mapped IPv6 address ${goQuote(text)} is not allowed`);
  return new Ip(bytes);
}

function addressRule(text: string): string {
  if (text.includes(':')) return 'each group must have 4 or less digits';
  return text.includes('.') ? 'IPv4 address too short' : 'unable to parse IP';
}

function isMapped(bytes: IpBytes): boolean {
  return bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
}

function parseNetwork(text: string): CidrValue | CelError {
  const problem = 'network address parse error during conversion from string: ';
  const cidr = parseCidr(text);
  if (!cidr || /\/0\d/.test(text) || /(?:^|\.)0\d+[./]/.test(text))
    return new CelError(`${problem}${problem}netip.ParsePrefix(${goQuote(text)}): ${networkRule(text)}`);
  if (cidr.address.length === 16 && isMapped(cidr.address))
    return new CelError(`${problem}IPv4-mapped IPv6 address ${goQuote(text)} is not allowed`);
  return new CidrValue(cidr);
}

function networkRule(text: string): string {
  if (!text.includes('/')) return "no '/'";
  const [address = '', bits = ''] = text.split('/');
  if (parseIp(address) && /^(?:[1-9]\d{0,2})$/.test(bits)) return 'prefix length out of range';
  return parseIp(address)
    ? `bad bits after slash: ${goQuote(bits)}`
    : `ParseAddr(${goQuote(address)}): ${addressRule(address)}`;
}

const noOverload = new CelError('no such overload');

function containsIp({ cidr }: CidrValue, other: string | Ip): boolean | CelError {
  const ip = typeof other === 'string' ? parseAddress(other) : other;
  return ip instanceof CelError ? noOverload : cidrContains(cidr, ip.bytes);
}

function containsCidr({ cidr }: CidrValue, other: string | CidrValue): boolean | CelError {
  const inner = typeof other === 'string' ? parseNetwork(other) : other;
  if (inner instanceof CelError) return inner;
  return cidr.prefixLength <= inner.cidr.prefixLength && cidrContains(cidr, inner.cidr.address);
}

const first = ({ bytes }: Ip) => bytes[0]!;
const isV4 = ({ bytes }: Ip) => bytes.length === 4;
const all = (bytes: IpBytes, value: number) => bytes.every((byte) => byte === value);

function isUnspecified({ bytes }: Ip): boolean {
  return all(bytes, 0);
}

function isLoopback(ip: Ip): boolean {
  return isV4(ip) ? first(ip) === 127 : all(ip.bytes.slice(0, 15), 0) && ip.bytes[15] === 1;
}

function isLinkLocalMulticast(ip: Ip): boolean {
  const { bytes } = ip;
  if (isV4(ip)) return bytes[0] === 224 && bytes[1] === 0 && bytes[2] === 0;
  return bytes[0] === 0xff && (bytes[1]! & 0x0f) === 0x02;
}

function isLinkLocalUnicast(ip: Ip): boolean {
  const { bytes } = ip;
  return isV4(ip) ? bytes[0] === 169 && bytes[1] === 254 : bytes[0] === 0xfe && (bytes[1]! & 0xc0) === 0x80;
}

function isGlobalUnicast(ip: Ip): boolean {
  const { bytes } = ip;
  if (isV4(ip) && (all(bytes, 0) || all(bytes, 255))) return false;
  const isMulticast = isV4(ip) ? (bytes[0]! & 0xf0) === 0xe0 : bytes[0] === 0xff;
  return !isUnspecified(ip) && !isLoopback(ip) && !isMulticast && !isLinkLocalUnicast(ip);
}

const isValid = (value: unknown) => !(value instanceof CelError);

function isCanonical(text: string): boolean | CelError {
  const ip = parseAddress(text);
  return ip instanceof CelError ? ip : ipText(ip.bytes) === text;
}

/** Addresses: `ip('10.0.0.1')`. */
export const addresses: Library = {
  ip: [
    overload('string_to_ip', [stringType], ipType, parseAddress),
    memberOverload('cidr_ip', [cidrType], ipType, ({ cidr }: CidrValue) => new Ip(cidr.address)),
  ],
  family: [memberOverload('ip_family', [ipType], intType, (ip: Ip) => (isV4(ip) ? 4 : 6))],
  'ip.isCanonical': [overload('ip_is_canonical', [stringType], boolType, isCanonical)],
  isUnspecified: [memberOverload('ip_is_unspecified', [ipType], boolType, isUnspecified)],
  isLoopback: [memberOverload('ip_is_loopback', [ipType], boolType, isLoopback)],
  isLinkLocalMulticast: [memberOverload('ip_is_link_local_multicast', [ipType], boolType, isLinkLocalMulticast)],
  isLinkLocalUnicast: [memberOverload('ip_is_link_local_unicast', [ipType], boolType, isLinkLocalUnicast)],
  isGlobalUnicast: [memberOverload('ip_is_global_unicast', [ipType], boolType, isGlobalUnicast)],
  isIP: [overload('is_ip', [stringType], boolType, (text: string) => isValid(parseAddress(text)))],
  string: [
    overload('ip_to_string', [ipType], stringType, String),
    overload('cidr_to_string', [cidrType], stringType, String),
  ],
};

/** Networks: `cidr('10.0.0.0/8')`. */
export const networks: Library = {
  cidr: [overload('string_to_cidr', [stringType], cidrType, parseNetwork)],
  containsIP: [
    memberOverload('cidr_contains_ip_string', [cidrType, stringType], boolType, containsIp),
    memberOverload('cidr_contains_ip_ip', [cidrType, ipType], boolType, containsIp),
  ],
  containsCIDR: [
    memberOverload('cidr_contains_cidr_string', [cidrType, stringType], boolType, containsCidr),
    memberOverload('cidr_contains_cidr', [cidrType, cidrType], boolType, containsCidr),
  ],
  prefixLength: [memberOverload('cidr_prefix_length', [cidrType], intType, ({ cidr }: CidrValue) => cidr.prefixLength)],
  masked: [
    memberOverload(
      'cidr_masked',
      [cidrType],
      cidrType,
      ({ cidr }: CidrValue) => new CidrValue({ address: networkOf(cidr), prefixLength: cidr.prefixLength }),
    ),
  ],
  isCIDR: [overload('is_cidr', [stringType], boolType, (text: string) => isValid(parseNetwork(text)))],
};
