import { ipText, parseIp } from './ip.ts';

/**
 * The address in its canonical form, if it is a global unicast one as Kubernetes has it. `undefined` for loopback,
 * link-local, unspecified and multicast addresses, and for what is no address.
 */
export function globalAddress(text: string): string | undefined {
  const bytes = parseIp(text);
  if (bytes === undefined) return undefined;
  const canonical = ipText(bytes); // an IPv4 address within IPv6 is shown as IPv4
  const parts = parseIp(canonical)!;
  return (parts.length === 4 ? isGlobalIpv4(parts) : isGlobalIpv6(parts)) ? canonical : undefined;
}

function isGlobalIpv4([a = 0, b = 0, c = 0, d = 0]: readonly number[]): boolean {
  if (a === 0 || a === 127 || (a === 169 && b === 254)) return false;
  return a < 224 || (a >= 240 && ![a, b, c, d].every((byte) => byte === 255));
}

function isGlobalIpv6(bytes: readonly number[]): boolean {
  const [first = 0, second = 0] = bytes;
  if (first === 0xff || (first === 0xfe && (second & 0xc0) === 0x80)) return false;
  // `::`, `::1` and the old form of IPv4 within IPv6, `::127.0.0.1`.
  return bytes.slice(0, 12).some((byte) => byte !== 0);
}
