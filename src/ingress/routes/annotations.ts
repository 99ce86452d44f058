import type { Problem, RateLimit, Settings } from './routes.ts';

const prefix = 'nginx.ingress.kubernetes.io/';

export const defaultSettings: Settings = {
  sslRedirect: true,
  forceSslRedirect: false,
  limits: [],
  useRegex: false,
  backendProtocol: 'http',
  bodySize: '1m',
  connectTimeout: 5,
  readTimeout: 60,
  sendTimeout: 60,
  buffering: false,
};

const defaultBurstMultiplier = 5;

/** They keep clients away, which is not supported. Without them all clients would come in. */
const protections: ReadonlySet<string> = new Set([
  'allowlist-source-range',
  'auth-tls-secret',
  'auth-type',
  'auth-url',
  'denylist-source-range',
  'whitelist-source-range',
]);

/** What is no HTTP/1.1 is not spoken yet, and to a backend that speaks it nothing else is said. */
const foreignProtocols: ReadonlySet<string> = new Set(['FCGI', 'GRPC', 'GRPCS']);

/**
 * Reads what the annotations of an Ingress ask for. A value that cannot be meant, or an annotation that is not supported,
 * is a problem and changes nothing: the rest of the Ingress is served, unless the annotation would protect it, or its
 * backends speak another protocol (`isDenied`). What is answered is safe to be written into nginx's configuration within quotes.
 */
export function readAnnotations(annotations: Readonly<Record<string, string>> = {}): {
  settings: Settings;
  problems: Problem[];
  isDenied: boolean;
} {
  const found: Found = {};
  const problems: Problem[] = [];
  let isDenied = false;
  for (const [name, value] of Object.entries(annotations)) {
    if (!name.startsWith(prefix)) continue;
    const key = name.slice(prefix.length);
    const read = readers[key];
    if (protections.has(key)) {
      isDenied = true;
      problems.push({
        reason: 'UnsupportedAnnotation',
        message: `Annotation "${name}" is not supported: what it protects is not served`,
      });
    } else if (key === 'backend-protocol' && foreignProtocols.has(value.trim().toUpperCase())) {
      isDenied = true;
      problems.push({
        reason: 'UnsupportedAnnotation',
        message: `Annotation "${name}" is not supported for ${value.trim().toUpperCase()}: such backends are not served`,
      });
    } else if (read === undefined)
      problems.push({
        reason: 'UnsupportedAnnotation',
        message: `Annotation "${name}" is not supported and has no effect`,
      });
    else if (!read(value.trim(), found))
      problems.push({
        reason: 'InvalidAnnotation',
        message: `Annotation "${name}" has no effect: "${shortened(value)}" is not ${read.wanted}`,
      });
  }
  const { perSecond, perSecondOfArticles, perMinute, multiplier = defaultBurstMultiplier, ...changed } = found;
  const limit = (requests: number | undefined, per: RateLimit['per']): RateLimit[] =>
    requests === undefined ? [] : [{ requests, per, burst: requests * multiplier }];
  const limits = [...limit(perSecond ?? perSecondOfArticles, 'second'), ...limit(perMinute, 'minute')];
  return { settings: { ...defaultSettings, ...changed, limits }, problems, isDenied };
}

type Writable<T> = { -readonly [Name in keyof T]?: T[Name] };
interface Found extends Writable<Omit<Settings, 'limits'>> {
  perSecond?: number;
  perSecondOfArticles?: number;
  perMinute?: number;
  multiplier?: number;
}

/** Notes what the value says; false when it says nothing that is `wanted`. */
interface Reader {
  (value: string, found: Found): boolean;
  readonly wanted: string;
}

function reader<T>(
  wanted: string,
  parse: (value: string) => T | undefined,
  note: (found: Found, value: T) => void,
): Reader {
  const read = (value: string, found: Found): boolean => {
    const parsed = parse(value);
    if (parsed !== undefined) note(found, parsed);
    return parsed !== undefined;
  };
  return Object.assign(read, { wanted });
}

const truth = (note: (found: Found, value: boolean) => void) =>
  reader('"true" or "false"', (value) => oneOf(value, { true: true, false: false }), note);
const seconds = (note: (found: Found, value: number) => void) =>
  reader('a number of seconds between 1 and 86400', (value) => whole(value, 86_400), note);
const count = (note: (found: Found, value: number) => void) =>
  reader('a number between 1 and 1000000', (value) => whole(value, 1_000_000), note);

/** A map without a prototype: an annotation named `constructor` is just one that is not supported. */
const readers: Readonly<Record<string, Reader>> = Object.assign(Object.create(null) as object, {
  'ssl-redirect': truth((found, value) => (found.sslRedirect = value)),
  'force-ssl-redirect': truth((found, value) => (found.forceSslRedirect = value)),
  'limit-rps': count((found, value) => (found.perSecond = value)),
  'rate-limit': count((found, value) => (found.perSecondOfArticles = value)),
  'limit-rpm': count((found, value) => (found.perMinute = value)),
  'limit-burst-multiplier': reader(
    'a number between 1 and 1000',
    (value) => whole(value, 1000),
    (found, value) => (found.multiplier = value),
  ),
  'use-regex': truth((found, value) => (found.useRegex = value)),
  'rewrite-target': reader('an absolute path, in which "$" comes only before a digit', pathTemplate, (found, value) => {
    found.rewriteTarget = value;
  }),
  'backend-protocol': reader(
    '"HTTP" or "HTTPS"',
    (value) => oneOf<Settings['backendProtocol']>(value.toUpperCase(), { HTTP: 'http', HTTPS: 'https' }),
    (found, value) => (found.backendProtocol = value),
  ),
  'proxy-body-size': reader(
    'a size such as "8m", or "0" for no limit',
    (value) => (/^\d{1,9}[kKmMgG]?$/.test(value) ? value.toLowerCase() : undefined),
    (found, value) => (found.bodySize = value),
  ),
  'proxy-connect-timeout': seconds((found, value) => (found.connectTimeout = value)),
  'proxy-read-timeout': seconds((found, value) => (found.readTimeout = value)),
  'proxy-send-timeout': seconds((found, value) => (found.sendTimeout = value)),
  'proxy-buffering': reader(
    '"on" or "off"',
    (value) => oneOf(value, { on: true, off: false }),
    (found, value) => (found.buffering = value),
  ),
});

/** What a word means; `constructor` and its like are no words. */
function oneOf<T>(value: string, meanings: Readonly<Record<string, T>>): T | undefined {
  return Object.hasOwn(meanings, value) ? meanings[value] : undefined;
}

function whole(value: string, most: number): number | undefined {
  const number = /^\d{1,9}$/.test(value) ? Number(value) : 0;
  return number >= 1 && number <= most ? number : undefined;
}

/** nginx has no way to write a `$` that is no variable, and no variable of it is the user's to read. */
function pathTemplate(value: string): string | undefined {
  return /^\/(?:[^$\s\x00-\x1f\x7f]|\$[1-9](?!\d))*$/.test(value) && value.length <= 2000 ? value : undefined;
}

function shortened(value: string): string {
  return value.length > 80 ? `${value.slice(0, 80)}…` : value;
}
