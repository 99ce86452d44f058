import { ipText, parseIp } from '../../apimachinery/ip.ts';

const suffixes = { ipv4: '.in-addr.arpa', ipv6: '.ip6.arpa' } as const;

/** The address, in canonical form, of which a name in small letters is the reverse; `undefined` when it is none. */
export function addressOfReverse(name: string): string | undefined {
  if (name.endsWith(suffixes.ipv4)) {
    const parts = name.slice(0, -suffixes.ipv4.length).split('.');
    const isAddress = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part));
    return isAddress ? canonical(parts.toReversed().join('.')) : undefined;
  }
  if (!name.endsWith(suffixes.ipv6)) return undefined;
  const digits = name.slice(0, -suffixes.ipv6.length).split('.');
  if (digits.length !== 32 || !digits.every((digit) => /^[0-9a-f]$/.test(digit))) return undefined;
  const groups = digits.toReversed().join('').match(/.{4}/g)!;
  return canonical(groups.join(':'));
}

function canonical(text: string): string | undefined {
  const address = parseIp(text);
  return address && ipText(address);
}
