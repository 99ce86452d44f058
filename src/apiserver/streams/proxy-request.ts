import type { Exchange } from '../../http/exchange.ts';

/** Whether the client wants to go on in another protocol. HTTP/2 knows no such thing. */
export function isUpgrade({ headers, connection }: Pick<Exchange, 'headers' | 'connection'>): boolean {
  return (
    connection.protocol === 'HTTP/1.1' &&
    headers.get('upgrade') !== undefined &&
    headers.all('connection').some((value) => /(?:^|,)\s*upgrade\s*(?:,|$)/i.test(value))
  );
}

/**
 * Sends who asks for the root of a proxy without a slash to the one with a slash, as Kubernetes does: relative URLs of the
 * page would lead elsewhere. `rest` is what follows `proxy` in the path. Answers whether it has.
 */
export function redirectedRoot(rest: string, exchange: Exchange): boolean {
  const { method, target } = exchange;
  if (rest !== '' || (method !== 'GET' && method !== 'HEAD')) return false;
  const end = target.indexOf('?');
  const [own, query] = end < 0 ? [target, ''] : [target.slice(0, end), target.slice(end)];
  exchange.respond(301, { location: `${own}/${query}` });
  return true;
}
