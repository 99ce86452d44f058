import type { Exchange } from '../../http/exchange.ts';
import type { Reply } from '../http/reply.ts';
import type { ResourceTarget } from '../request/target.ts';

/** Whether the client wants to go on in another protocol. HTTP/2 knows no such thing. */
export function isUpgrade({ headers, connection }: Pick<Exchange, 'headers' | 'connection'>): boolean {
  return (
    connection.protocol === 'HTTP/1.1' &&
    headers.get('upgrade') !== undefined &&
    headers.all('connection').some((value) => /(?:^|,)\s*upgrade\s*(?:,|$)/i.test(value))
  );
}

/** What follows `proxy` in the path of a request, with its query. */
export function restOfPath({ rest }: Pick<ResourceTarget, 'rest'>, { target }: Pick<Exchange, 'target'>): string {
  const mark = target.indexOf('?');
  const path = (rest === '' ? '/' : rest) + (mark < 0 ? '' : target.slice(mark));
  // What is no letter of a URL cannot be sent on as it is.
  return path.replace(/[^!-~]/g, encodeURIComponent);
}

/**
 * Sends who asks for the root of a proxy without a slash to the one with a slash, as Kubernetes does: relative URLs of the
 * page would lead elsewhere. Answers whether it has.
 */
export function redirectedRoot({ rest }: Pick<ResourceTarget, 'rest'>, reply: Reply): boolean {
  const { method, target } = reply.exchange;
  if (rest !== '' || (method !== 'GET' && method !== 'HEAD')) return false;
  const end = target.indexOf('?');
  const [own, query] = end < 0 ? [target, ''] : [target.slice(0, end), target.slice(end)];
  // Two slashes in front would stand for the name of another host.
  const location = `/${own.replace(/^\/+/, '')}/${query}`;
  reply.send(301, '', Buffer.alloc(0), { location });
  return true;
}
