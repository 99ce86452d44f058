/** Where a proxied answer came from, and where it is seen. */
export interface ProxiedPlace {
  /** The path before what the backend is asked for, such as `/api/v1/namespaces/a/pods/b/proxy`. */
  readonly prefix: string;
  /** `host:port` of the backend. */
  readonly backend: string;
  /** The `Host` that the client named. */
  readonly clientHost: string;
}

const parts = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?$/s;

/**
 * The URL as the client has to ask for it: what leads to the backend by an absolute path, or by a name of its host, gets
 * the proxy's path; what leads elsewhere, is relative or cannot be read stays as it is.
 */
export function proxiedUrl(url: string, { prefix, backend, clientHost }: ProxiedPlace): string {
  const [, scheme, authority, path = '', query = '', fragment = ''] = parts.exec(url) ?? [];
  if (/[\x00-\x1f\x7f]/.test(url) || /%(?![0-9a-fA-F]{2})/.test(path)) return url;
  if (scheme !== undefined && authority === undefined) return url;
  const host = authority?.slice(authority.lastIndexOf('@') + 1) ?? '';
  if ((host !== '' && host !== backend && host !== clientHost) || !path.startsWith('/')) return url;
  // A host that the client can reach itself stays.
  const origin = host !== '' && host === clientHost ? `${scheme === undefined ? '' : `${scheme}:`}//${authority}` : '';
  const isThere = path === prefix || path.startsWith(`${prefix}/`);
  return `${origin}${isThere ? path : prefix + clean(path)}${query}${fragment}`;
}

/**
 * The path without `.`, `..` and empty parts; it never leads above its beginning. Other characters than URLs have are
 * escaped.
 */
function clean(path: string): string {
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') kept.pop();
    else if (part !== '' && part !== '.') kept.push(part);
  }
  const text = `/${kept.join('/')}${kept.length > 0 && /\/\.{0,2}$/.test(path) ? '/' : ''}`;
  return text.replace(/[^\x21-\x7e]+|["<>\\^`{|}]/g, (one) => encodeURIComponent(one));
}
