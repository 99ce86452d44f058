import { ipText, parseIp } from '../../apimachinery/ip.ts';

/**
 * The address in its canonical form, if a request may be proxied to it: the server must not be led to itself or to its
 * node's own services. `undefined` for what is no global unicast address, as Kubernetes has it, and for names: what a name
 * resolves to is its owner's to say, and may change between the check and the connection.
 */
export function proxyableAddress(text: string): string | undefined {
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
