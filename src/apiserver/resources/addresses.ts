import { parseIp } from '../../apimachinery/ip.ts';
import { invalid } from '../../apimachinery/validation.ts';
import type { Errors } from './checks.ts';

/** Refuses addresses that mean something only on one machine: endpoints and external addresses must not be such. */
export function checkNonSpecialAddress(errors: Errors, field: string, text: string): void {
  const bytes = parseIp(text);
  if (bytes === undefined) {
    errors.push(invalid(field, text, 'must be a valid IP address'));
    return;
  }
  const [first = 0, second = 0, third = 0] = bytes;
  const isZeroBut = (last: number) => bytes.every((byte, i) => byte === (i === bytes.length - 1 ? last : 0));
  const isShort = bytes.length === 4;
  if (isZeroBut(0)) errors.push(invalid(field, text, `may not be unspecified (${text})`));
  if (isShort ? first === 127 : isZeroBut(1))
    errors.push(invalid(field, text, 'may not be in the loopback range (127.0.0.0/8, ::1/128)'));
  if (isShort ? first === 169 && second === 254 : first === 0xfe && (second & 0xc0) === 0x80)
    errors.push(invalid(field, text, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'));
  if (isShort ? first === 224 && second === 0 && third === 0 : first === 0xff && (second & 0x0f) === 0x02)
    errors.push(invalid(field, text, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'));
}
