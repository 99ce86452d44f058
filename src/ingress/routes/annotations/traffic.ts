import type { Template } from '../filters.ts';
import type { Affinity, Canary, Traffic } from '../traffic.ts';
import { list, matching, noting, number, objectName, truth, word } from './reader.ts';
import type { Readers } from './reader.ts';
import { readTemplate, readUrlTemplate } from './template.ts';

/** What annotations say of which backend and which endpoint answers, and of other hosts and redirects. */
export interface TrafficFound {
  canary?: boolean;
  canaryHeader?: string;
  canaryHeaderValue?: string;
  canaryHeaderPattern?: string;
  canaryCookie?: string;
  canaryWeight?: number;
  canaryTotal?: number;
  affinity?: 'cookie';
  affinityMode?: Affinity['mode'];
  canarySticky?: boolean;
  cookieName?: string;
  cookiePath?: string;
  cookieDomain?: string;
  cookieSameSite?: string;
  cookieExpires?: number;
  cookieMaxAge?: number;
  cookieSecure?: boolean;
  cookieChange?: boolean;
  hashBy?: Template;
  balance?: 'round_robin' | 'ewma';
  defaultBackend?: string;
  errorCodes?: number[];
  aliases?: string[];
  appRoot?: string;
  fromToWww?: boolean;
  permanentRedirect?: Template;
  permanentCode?: number;
  temporalRedirect?: Template;
  temporalCode?: number;
}

const note = noting<TrafficFound>();
const cookieName = matching('the name of a cookie', /^[A-Za-z0-9_-]{1,100}$/);
const url = { wanted: 'a URL with no variables but those of the documentation', read: readUrlTemplate };
const code = number(300, 308, 'a code');
const printable = matching('a text without control characters', /^[\x20-\x7e]+$/, 500);
const pattern = {
  wanted: 'a regular expression',
  read(value: string): string | undefined {
    try {
      new RegExp(value);
      return printable.read(value);
    } catch {
      return undefined;
    }
  },
};

export const trafficReaders: Readers<TrafficFound> = {
  canary: note('canary', truth),
  'canary-by-header': note('canaryHeader', matching("a header's name", /^[A-Za-z0-9_-]{1,100}$/)),
  'canary-by-header-value': note('canaryHeaderValue', printable),
  'canary-by-header-pattern': note('canaryHeaderPattern', pattern),
  'canary-by-cookie': note('canaryCookie', cookieName),
  'canary-weight': note('canaryWeight', number(0, 1_000_000)),
  'canary-weight-total': note('canaryTotal', number(1, 1_000_000)),
  affinity: note('affinity', word<'cookie'>('"cookie"', { cookie: 'cookie' })),
  'affinity-mode': note(
    'affinityMode',
    word<Affinity['mode']>('"balanced" or "persistent"', { balanced: 'balanced', persistent: 'persistent' }),
  ),
  'affinity-canary-behavior': note('canarySticky', word('"sticky" or "legacy"', { sticky: true, legacy: false })),
  'session-cookie-name': note('cookieName', cookieName),
  'session-cookie-path': note('cookiePath', matching('a path', /^\/[A-Za-z0-9._~/%-]*$/, 500)),
  'session-cookie-domain': note('cookieDomain', matching('a domain', /^[A-Za-z0-9.-]+$/, 253)),
  'session-cookie-samesite': note(
    'cookieSameSite',
    word<string>('"None", "Lax" or "Strict"', { None: 'None', Lax: 'Lax', Strict: 'Strict' }),
  ),
  'session-cookie-expires': note('cookieExpires', number(0, 999_999_999, 'a number of seconds')),
  'session-cookie-max-age': note('cookieMaxAge', number(0, 999_999_999, 'a number of seconds')),
  'session-cookie-secure': note('cookieSecure', truth),
  'session-cookie-change-on-failure': note('cookieChange', truth),
  'upstream-hash-by': note('hashBy', { wanted: 'a text with variables of the documentation', read: readTemplate }),
  'load-balance': note(
    'balance',
    word<'round_robin' | 'ewma'>('"round_robin" or "ewma"', { round_robin: 'round_robin', ewma: 'ewma' }),
  ),
  'default-backend': note('defaultBackend', objectName),
  'custom-http-errors': note('errorCodes', list('a list of codes between 400 and 599', number(400, 599))),
  'server-alias': note(
    'aliases',
    list('a list of names of hosts', matching('a host', /^(?:\*\.)?[A-Za-z0-9.-]+$/, 253)),
  ),
  'app-root': note('appRoot', matching('a path', /^\/(?!\/)[A-Za-z0-9._~/?#@!&()*+,=%:-]*$/, 2000)),
  'from-to-www-redirect': note('fromToWww', truth),
  'permanent-redirect': note('permanentRedirect', url),
  'permanent-redirect-code': note('permanentCode', code),
  'temporal-redirect': note('temporalRedirect', url),
  'temporal-redirect-code': note('temporalCode', code),
};

export function redirectOf(found: TrafficFound): { readonly code: number; readonly to: Template } | undefined {
  if (found.temporalRedirect !== undefined) return { code: found.temporalCode ?? 302, to: found.temporalRedirect };
  if (found.permanentRedirect !== undefined) return { code: found.permanentCode ?? 301, to: found.permanentRedirect };
  return undefined;
}

/** What is asked of requests that may go to the canary; its backend is another. */
export function canaryOf(found: TrafficFound): Omit<Canary, 'backend'> {
  return {
    ...(found.canaryHeader && { header: found.canaryHeader }),
    ...(found.canaryHeaderValue && { headerValue: found.canaryHeaderValue }),
    ...(found.canaryHeaderPattern && { headerPattern: found.canaryHeaderPattern }),
    ...(found.canaryCookie && { cookie: found.canaryCookie }),
    weight: found.canaryWeight ?? 0,
    // ingress-nginx takes no smaller one.
    total: Math.max(found.canaryTotal ?? 0, 100),
  };
}

/** How an endpoint is chosen; nothing where it is just the next one. */
export function balancingOf(found: TrafficFound, path: string): Omit<Traffic, 'backend'> | undefined {
  const { affinity, hashBy, balance } = found;
  if (affinity === undefined && hashBy === undefined && balance !== 'ewma') return undefined;
  return {
    ...(affinity && { affinity: affinityOf(found, path) }),
    ...(hashBy && { hasHashKey: true }),
    ...(balance === 'ewma' && { balance }),
  };
}

function affinityOf(found: TrafficFound, path: string): Affinity {
  return {
    mode: found.affinityMode ?? 'balanced',
    cookie: found.cookieName ?? 'INGRESSCOOKIE',
    path: found.cookiePath ?? (/^[A-Za-z0-9._~/%-]+$/.test(path) ? path : '/'),
    ...(found.cookieDomain && { domain: found.cookieDomain }),
    ...(found.cookieSameSite && { sameSite: found.cookieSameSite }),
    ...(found.cookieExpires !== undefined && { expires: found.cookieExpires }),
    ...(found.cookieMaxAge !== undefined && { maxAge: found.cookieMaxAge }),
    ...(found.cookieSecure !== undefined && { secure: found.cookieSecure }),
    changesOnFailure: found.cookieChange ?? false,
    isStickyToCanary: found.canarySticky ?? true,
  };
}
