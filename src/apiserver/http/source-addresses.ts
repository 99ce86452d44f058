import { isIP } from 'node:net';
import type { Exchange } from '../../http/exchange.ts';

/**
 * The addresses that a request says it came over, and the one that it came from, which is the last. All but that one are
 * what the client says.
 */
export function sourceAddresses({ headers, connection }: Exchange): string[] {
  const { remoteAddress } = connection;
  const own = remoteAddress.startsWith('::ffff:') ? remoteAddress.slice('::ffff:'.length) : remoteAddress;
  const forwarded = (headers.get('x-forwarded-for') ?? '').split(',').map((part) => part.trim());
  const told = forwarded.filter((part) => isIP(part) !== 0);
  const real = (headers.get('x-real-ip') ?? '').trim();
  if (isIP(real) !== 0 && !told.includes(real)) told.push(real);
  return told.at(-1) === own ? told : [...told, own];
}
