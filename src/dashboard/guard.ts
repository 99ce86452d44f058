import { refused, type StatusError } from '../apimachinery/status.ts';
import { parseApiPath } from './api-path.ts';

/** A request as far as it decides whether it gets through. Header values as they came. */
export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly host?: string;
  readonly origin?: string;
  /** Which kind of page a browser says it comes from: the header Sec-Fetch-Site. */
  readonly site?: string;
}

export type Verdict =
  | { readonly kind: 'page'; readonly file: string }
  /** `url` is for the API server. */
  | { readonly kind: 'forward'; readonly url: string; readonly asTable: boolean; readonly isWatch: boolean }
  | { readonly kind: 'refused'; readonly error: StatusError };

/** Browsers set no headers on WebSockets, so the page asks for Tables with this parameter. */
export const tableParameter = 'asTable';

/**
 * Decides what becomes of a request. The proxy acts with the user's rights, so it serves the user's browser showing its
 * own page and nothing else: no name but loopback's (a name that an attacker points here would share its origin with
 * us), no other origin, no change, no secret, and no way into containers.
 */
export function judge({ method, url, host, origin, site }: Asked): Verdict {
  if (!isLoopback(host)) return refuse(refused.forbidden(dashboard, '', `it answers to localhost, not to "${host}"`));
  if (method !== 'GET' && method !== 'HEAD')
    return refuse(refused.methodNotAllowed(`the dashboard only reads: it passes no ${method}`));
  const [path = '', query = ''] = url.split('?', 2);
  if (path === '/' || /^\/[\w-]+\.\w+$/.test(path))
    return { kind: 'page', file: path === '/' ? 'index.html' : path.slice(1) };
  if ((origin !== undefined && origin !== `http://${host}`) || (site !== undefined && !ownSites.has(site)))
    return refuse(refused.forbidden(dashboard, '', 'it answers to its own page only'));
  return judgePath(path, new URLSearchParams(query));
}

const dashboard = { group: '', resource: 'dashboard' };
/** `none`: the user typed the address. */
const ownSites = new Set(['same-origin', 'none']);
const harmlessSubresources = new Set(['status', 'scale']);

function judgePath(path: string, query: URLSearchParams): Verdict {
  const target = parseApiPath(path);
  if (target === undefined) return refuse(refused.pathNotFound());
  if (target.kind === 'resource') {
    const { group, resource, name = '', subresource } = target;
    if (resource === 'secrets')
      return refuse(refused.forbidden({ group, resource }, name, 'the dashboard passes no secrets'));
    if (subresource !== undefined && !harmlessSubresources.has(subresource))
      return refuse(refused.forbidden({ group, resource }, name, `the dashboard does not pass "${subresource}"`));
  }
  const asTable = query.has(tableParameter);
  query.delete(tableParameter);
  const isWatch = ['true', '1'].includes(query.get('watch') ?? '');
  return { kind: 'forward', url: query.size === 0 ? path : `${path}?${query}`, asTable, isWatch };
}

function refuse(error: StatusError): Verdict {
  return { kind: 'refused', error };
}

/** Any port will do: the user may have forwarded it from another machine. */
function isLoopback(host = ''): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host);
}
