import { refused, type StatusError } from '../apimachinery/status.ts';
import { parseApiPath } from './api-path.ts';

/** A request as far as it decides whether it gets through. Header values as they came. */
export interface Asked {
  /** It comes from a program of the user whose rights the proxy has. */
  readonly isOwn: boolean;
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly host?: string;
  readonly origin?: string;
  /** Which kind of page a browser says it comes from: the header Sec-Fetch-Site. */
  readonly site?: string;
}

/** In which form the API server shall answer: browsers set no headers on WebSockets, so it is not for the page to say. */
export type Form = 'json' | 'table' | 'discovery';

/** What is asked of the API server in the user's name. */
export interface Forwarded {
  readonly url: string;
  readonly form: Form;
  readonly isWatch: boolean;
  /** Annotations are left out of the answer: kubectl keeps what was applied in one of them, with its values. */
  readonly isDiscreet: boolean;
}

export type Verdict =
  | { readonly kind: 'page'; readonly file: string }
  | ({ readonly kind: 'forward' } & Forwarded)
  | { readonly kind: 'refused'; readonly error: StatusError };

/** With this parameter the page asks for Tables. */
export const tableParameter = 'asTable';
/** With this one it asks for the values of one Secret, when the user wants to see them. */
export const revealParameter = 'reveal';

/**
 * Decides what becomes of a request. The proxy acts with the user's rights, so it serves the user's browser showing its
 * own page and nothing else: nobody else on this machine, no name but loopback's (a name that an attacker points here would share its origin with
 * us), no other origin, no change, no way into containers but to read what they have written, and the values of
 * Secrets only one by one, when asked to.
 */
export function judge({ isOwn, method, url, host, origin, site }: Asked): Verdict {
  if (!isOwn) return refuse(refused.forbidden(dashboard, '', 'it answers to the user only who has started it'));
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
  const isWatch = ['true', '1'].includes(query.get('watch') ?? '');
  const isRevealed = query.has(revealParameter);
  const form = query.has(tableParameter) ? 'table' : isWholeDiscovery(path) ? 'discovery' : 'json';
  query.delete(tableParameter);
  query.delete(revealParameter);
  if (target.kind === 'resource') {
    const { group, resource, name = '', subresource } = target;
    const isLog = group === '' && resource === 'pods' && subresource === 'log';
    if (subresource !== undefined && !isLog && !harmlessSubresources.has(subresource))
      return refuse(refused.forbidden({ group, resource }, name, `the dashboard does not pass "${subresource}"`));
    if (resource === 'secrets') {
      if (form === 'table') query.set('includeObject', 'Metadata');
      else if (!isRevealed || name === '' || isWatch)
        return refuse(refused.forbidden({ group, resource }, name, 'the dashboard passes secrets one by one'));
    }
  }
  const isDiscreet = target.kind === 'resource' && target.resource === 'secrets' && form === 'table';
  return { kind: 'forward', url: query.size === 0 ? path : `${path}?${query}`, form, isWatch, isDiscreet };
}

function isWholeDiscovery(path: string): boolean {
  return path === '/api' || path === '/apis';
}

function refuse(error: StatusError): Verdict {
  return { kind: 'refused', error };
}

/** Any port will do: the user may have forwarded it from another machine. */
function isLoopback(host = ''): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host);
}
