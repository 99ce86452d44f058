import { goQuote } from '../../apimachinery/go-text.ts';

/** A URL as Go's parser takes it apart. Its parts are as they stand in the text, but for the host, which is unescaped. */
export interface GoUrl {
  readonly scheme: string;
  /** With its port. */
  readonly host: string;
  readonly path: string;
  readonly query: string;
}

/** What is wrong with a text that has to be a URL of its own: with a scheme, or a path from the root. */
export function urlComplaint(text: string): string | undefined {
  const found = take(text);
  return typeof found === 'string' ? `parse ${goQuote(text)}: ${found}` : undefined;
}

/** The URL, or what is wrong with it. Its fragment is left out. */
export function parseGoUrl(text: string): GoUrl | string {
  const complaint = urlComplaint(text);
  if (complaint !== undefined) return complaint;
  const hash = text.indexOf('#');
  const found = take(hash < 0 ? text : text.slice(0, hash));
  return typeof found === 'string' ? `parse ${goQuote(text)}: ${found}` : found;
}

function take(text: string): GoUrl | string {
  if (/[\0-\x1f\x7f]/.test(text)) return 'net/url: invalid control character in URL';
  if (text === '') return 'empty url';
  if (text === '*') return { scheme: '', host: '', path: '*', query: '' };
  const [, scheme] = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(text) ?? [];
  if (scheme === undefined && /^[^/?#]*:/.test(text) && !text.startsWith('/'))
    return text.startsWith(':') ? 'missing protocol scheme' : firstSegment(text);
  const rest = scheme === undefined ? text : text.slice(scheme.length + 1);
  const mark = rest.indexOf('?');
  const [before, query] = mark < 0 ? [rest, ''] : [rest.slice(0, mark), rest.slice(mark + 1)];
  if (!before.startsWith('/')) {
    if (scheme === undefined) return 'invalid URI for request';
    return { scheme: scheme.toLowerCase(), host: '', path: '', query };
  }
  const [, authority = '', path = ''] = /^(?:\/\/([^/]*))?([^]*)$/.exec(before)!;
  const hasHost = before.startsWith('//') && (scheme !== undefined || !before.startsWith('///'));
  const host = hasHost ? hostOf(authority) : { host: '' };
  const ownPath = hasHost ? path : before;
  if ('problem' in host) return host.problem;
  const escape = badEscape(ownPath);
  if (escape !== undefined) return `invalid URL escape ${goQuote(escape)}`;
  return { scheme: (scheme ?? '').toLowerCase(), host: host.host, path: ownPath, query };
}

function firstSegment(text: string): string {
  return /^[^/]*:/.test(text) && !/^[a-zA-Z]/.test(text)
    ? 'first path segment in URL cannot contain colon'
    : 'invalid URI for request';
}

function hostOf(authority: string): { readonly host: string } | { readonly problem: string } {
  const at = authority.lastIndexOf('@');
  if (at >= 0 && !/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(authority.slice(0, at)))
    return { problem: 'net/url: invalid userinfo' };
  const host = authority.slice(at + 1);
  const colon = host.startsWith('[') ? host.indexOf(']') + 1 : host.indexOf(':');
  if (host.startsWith('[') && colon === 0) return { problem: "missing ']' in host" };
  const port = colon < 0 ? '' : host.slice(colon);
  if (port !== '' && !/^:\d*$/.test(port)) return { problem: `invalid port ${goQuote(port)} after host` };
  const name = colon < 0 ? host : host.slice(0, colon);
  const bad = /[ "<>\\^`{|}]/.exec(name);
  if (bad) return { problem: `invalid character ${goQuote(bad[0])} in host name` };
  const escape = badEscape(name);
  if (escape !== undefined) return { problem: `invalid URL escape ${goQuote(escape)}` };
  return { host: unescape(host) };
}

function badEscape(text: string): string | undefined {
  return /%(?![\da-fA-F]{2})[^]{0,2}/.exec(text)?.[0];
}

function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The path as it is sent: letters that may not stand there are escaped, and what is escaped stays. */
export function escapedPath({ path }: GoUrl): string {
  const isValid = /^(?:[\w!$&'()*+,;=:@/.~[\]-]|%[\da-fA-F]{2})*$/.test(path);
  if (isValid) return path;
  return encodeURI(unescape(path))
    .replace(/[[\]]/g, (letter) => (letter === '[' ? '%5B' : '%5D'))
    .replace(/[?#]/g, encodeURIComponent);
}

/** Parameters, those of one name in their order. What cannot be read is left out. */
export function queryOf({ query }: GoUrl): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const part of query.split('&')) {
    if (part === '' || part.includes(';') || badEscape(part) !== undefined) continue;
    const [name = '', ...rest] = part.split('=');
    const [key = '', value = ''] = [name, rest.join('=')].map((text) => unescape(text.replaceAll('+', ' ')));
    const values = found.get(key);
    if (values === undefined) found.set(key, [value]);
    else values.push(value);
  }
  return found;
}

/** The host without its port and without brackets. */
export function hostName({ host }: GoUrl): string {
  if (host.startsWith('[')) return host.slice(1, host.indexOf(']'));
  return host.replace(/:\d*$/, '');
}

export function portOf({ host }: GoUrl): string {
  return /:(\d*)$/.exec(host.slice(host.indexOf(']') + 1))?.[1] ?? '';
}
