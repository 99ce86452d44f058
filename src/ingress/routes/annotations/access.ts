import { ipv4Text } from '../../../apimachinery/ip.ts';
import type { AuthTarget, Cors, ExternalAuth, Filter, SourceRanges, Template } from '../filters.ts';
import { answeredHeader, list, matching, noting, number, ranges, secretName, truth, word } from './reader.ts';
import type { Readers, Value } from './reader.ts';
import { readTemplate, readUrlTemplate } from './template.ts';

/** What annotations say of who may come in, and how often. */
export interface AccessFound {
  allowed?: string[];
  allowedByOldName?: string[];
  denied?: string[];
  satisfyAny?: boolean;
  authType?: 'basic';
  authSecret?: string;
  authSecretType?: 'auth-file' | 'auth-map';
  authRealm?: string;
  authUrl?: AuthTarget;
  authMethod?: string;
  authSignIn?: Template;
  authSignInParameter?: string;
  authResponseHeaders?: string[];
  authRequestRedirect?: Template;
  enableCors?: boolean;
  corsOrigins?: string[];
  corsMethods?: string;
  corsHeaders?: string;
  corsExposed?: string;
  corsCredentials?: boolean;
  corsMaxAge?: number;
  perSecond?: number;
  perSecondOfArticles?: number;
  perMinute?: number;
  multiplier?: number;
  connections?: number;
  uncounted?: string[];
}

const url: Value<Template> = {
  wanted: 'a URL with no variables but those of the documentation',
  read: readUrlTemplate,
};

const authUrl: Value<AuthTarget> = {
  wanted:
    'a URL of a Service ("http://NAME.NAMESPACE.svc.cluster.local:PORT/…"), of the same host ("https://$host/…"), or of an IPv4 address that is neither loopback nor link-local',
  read(value) {
    const [, scheme, authority = '', rest] = /^(https?):\/\/([^/?]+)([/?].*)?$/.exec(value) ?? [];
    const path = readTemplate(rest === undefined ? '/' : rest.startsWith('?') ? `/${rest}` : rest);
    if ((scheme !== 'http' && scheme !== 'https') || path === undefined) return undefined;
    const to = authTarget(authority, scheme === 'https' ? 443 : 80);
    return to && { scheme, to, path };
  },
};

function authTarget(authority: string, usualPort: number): AuthTarget['to'] | undefined {
  if (/^\$(?:http_)?host$/.test(authority)) return { kind: 'itself' };
  const [, host = '', port] = /^([a-z0-9.-]+)(?::(\d{1,5}))?$/i.exec(authority) ?? [];
  const number = Number(port ?? usualPort);
  if (number < 1 || number > 65_535) return undefined;
  const [, service, namespace] = /^([a-z0-9-]{1,63})\.([a-z0-9-]{1,63})\.svc(?:\.cluster\.local)?$/.exec(host) ?? [];
  if (service !== undefined) return { kind: 'backend', service, namespace: namespace!, port: number };
  const address = ipv4Text(host);
  if (address === undefined || /^(?:0|127|169\.254)\./.test(address)) return undefined;
  return { kind: 'address', address: `${address}:${number}` };
}

const note = noting<AccessFound>();
const count = number(1, 1_000_000);
const origin = matching('an origin', /^(?:\*|https?:\/\/(?:\*\.)?[A-Za-z0-9.-]+(?::\d{1,5})?|null)$/, 300);
const headerNames = (wanted: string): Value<string> => matching(wanted, /^[A-Za-z0-9_, -]+$/);

export const accessReaders: Readers<AccessFound> = {
  'whitelist-source-range': note('allowedByOldName', ranges),
  'allowlist-source-range': note('allowed', ranges),
  'denylist-source-range': note('denied', ranges),
  satisfy: note('satisfyAny', word('"all" or "any"', { all: false, any: true })),
  'auth-type': note('authType', word<'basic'>('"basic": no other type is supported', { basic: 'basic' })),
  'auth-secret': note('authSecret', secretName),
  'auth-secret-type': note(
    'authSecretType',
    word<'auth-file' | 'auth-map'>('"auth-file" or "auth-map"', { 'auth-file': 'auth-file', 'auth-map': 'auth-map' }),
  ),
  'auth-realm': note(
    'authRealm',
    matching('a text without quotes and variables', /^[^"'\\$\x00-\x1f\x7f-\uffff]+$/, 200),
  ),
  'auth-url': note('authUrl', authUrl),
  'auth-method': note('authMethod', matching('a method', /^[A-Z]{1,20}$/)),
  'auth-signin': note('authSignIn', url),
  'auth-signin-redirect-param': note(
    'authSignInParameter',
    matching('the name of a parameter', /^[A-Za-z0-9_-]{1,60}$/),
  ),
  'auth-response-headers': note(
    'authResponseHeaders',
    list('a list of names of headers that do not frame requests', answeredHeader, 50),
  ),
  'auth-request-redirect': note('authRequestRedirect', url),
  'enable-cors': note('enableCors', truth),
  'cors-allow-origin': note('corsOrigins', list('"*", or a list of origins such as "https://*.example.com"', origin)),
  'cors-allow-methods': note('corsMethods', matching('a list of methods', /^[A-Za-z, ]+$/)),
  'cors-allow-headers': note('corsHeaders', headerNames('a list of names of headers')),
  'cors-expose-headers': note('corsExposed', matching('a list of names of headers, or "*"', /^[A-Za-z0-9_,* -]+$/)),
  'cors-allow-credentials': note('corsCredentials', truth),
  'cors-max-age': note('corsMaxAge', number(0, 100_000_000, 'a number of seconds')),
  'limit-rps': note('perSecond', count),
  'rate-limit': note('perSecondOfArticles', count),
  'limit-rpm': note('perMinute', count),
  'limit-burst-multiplier': note('multiplier', number(1, 1000)),
  'limit-connections': note('connections', count),
  'limit-whitelist': note('uncounted', ranges),
};

/** Without them clients would come in that are to be kept away: where one cannot be followed, nobody comes in. */
export const protections: ReadonlySet<string> = new Set([
  'allowlist-source-range',
  'auth-realm',
  'auth-secret',
  'auth-secret-type',
  'auth-tls-secret',
  'auth-tls-verify-client',
  'auth-type',
  'auth-url',
  'denylist-source-range',
  'whitelist-source-range',
]);

const usualMethods = 'GET, PUT, POST, DELETE, PATCH, OPTIONS';
const usualHeaders =
  'DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization';

/** The filters that need no other object. Basic authentication is made where its Secret is. */
export function accessFilters(found: AccessFound): Filter[] {
  return [
    ...(found.satisfyAny === true ? [{ kind: 'satisfyAny' } as const] : []),
    ...sourceRanges(found),
    ...externalAuth(found),
    ...(found.enableCors === true ? [cors(found)] : []),
    ...limits(found),
  ];
}

function sourceRanges({ allowed, allowedByOldName, denied = [] }: AccessFound): SourceRanges[] {
  const list = allowed ?? allowedByOldName;
  if (list === undefined && denied.length === 0) return [];
  return [{ kind: 'sourceRanges', denied, ...(list && { allowed: list }) }];
}

function externalAuth(found: AccessFound): ExternalAuth[] {
  if (found.authUrl === undefined) return [];
  const { authMethod, authSignIn, authSignInParameter = 'rd', authResponseHeaders = [], authRequestRedirect } = found;
  return [
    {
      kind: 'externalAuth',
      target: found.authUrl,
      responseHeaders: authResponseHeaders,
      ...(authMethod && { method: authMethod }),
      ...(authSignIn && { signIn: withReturn(authSignIn, authSignInParameter) }),
      ...(authRequestRedirect && { requestRedirect: authRequestRedirect }),
    },
  ];
}

/** Tells the page where the client wanted to go, unless the URL does already. */
function withReturn(signIn: Template, parameter: string): Template {
  const text = signIn.map((part) => (typeof part === 'string' ? part : `$${part.variable}`)).join('');
  if (new RegExp(`[?&]${parameter}=`).test(text)) return signIn;
  const url = [{ variable: 'scheme' }, '://', { variable: 'http_host' }, { variable: 'escaped_request_uri' }];
  return [...signIn, `${text.includes('?') ? '&' : '?'}${parameter}=`, ...url];
}

function cors(found: AccessFound): Cors {
  return {
    kind: 'cors',
    origins: found.corsOrigins?.includes('*') === false ? found.corsOrigins : ['*'],
    methods: found.corsMethods ?? usualMethods,
    headers: found.corsHeaders ?? usualHeaders,
    ...(found.corsExposed && { exposedHeaders: found.corsExposed }),
    credentials: found.corsCredentials ?? true,
    maxAge: found.corsMaxAge ?? 1_728_000,
  };
}

const usualMultiplier = 5;

function limits(found: AccessFound): Filter[] {
  const {
    perSecond,
    perSecondOfArticles,
    perMinute,
    multiplier = usualMultiplier,
    connections,
    uncounted = [],
  } = found;
  const rate = (requests: number | undefined, per: 'second' | 'minute'): Filter[] =>
    requests === undefined ? [] : [{ kind: 'rateLimit', requests, per, burst: requests * multiplier, uncounted }];
  return [
    ...(connections === undefined ? [] : [{ kind: 'connectionLimit', connections, uncounted } as const]),
    ...rate(perMinute, 'minute'),
    ...rate(perSecond ?? perSecondOfArticles, 'second'),
  ];
}
