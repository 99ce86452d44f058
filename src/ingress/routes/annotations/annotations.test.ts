import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Filter } from '../filters.ts';
import type { Settings } from '../routes.ts';
import { annotationNames, readAnnotations } from './annotations.ts';
import { defaultSettings } from './proxying.ts';

const prefix = 'nginx.ingress.kubernetes.io/';

const rate = (requests: number, per: 'second' | 'minute', burst = requests * 5): Filter => ({
  kind: 'rateLimit',
  requests,
  per,
  burst,
  uncounted: [],
});

/** What each changes of the settings, or the filters that it makes. */
const good: [name: string, value: string, want: Partial<Settings> | Filter[]][] = [
  ['ssl-redirect', 'false', { sslRedirect: false }],
  ['force-ssl-redirect', 'true', { forceSslRedirect: true }],
  ['rate-limit', '100', [rate(100, 'second')]],
  ['limit-rps', '7', [rate(7, 'second')]],
  ['limit-rpm', '7', [rate(7, 'minute')]],
  ['limit-connections', '3', [{ kind: 'connectionLimit', connections: 3, uncounted: [] }]],
  ['use-regex', 'true', { useRegex: true }],
  ['rewrite-target', '/a/$1/b$2', { rewriteTarget: '/a/$1/b$2' }],
  ['backend-protocol', 'https', { backendProtocol: 'https' }],
  ['backend-protocol', 'GRPC', { backendProtocol: 'grpc' }],
  ['proxy-body-size', '8M', { bodySize: '8m' }],
  ['proxy-body-size', '0', { bodySize: '0' }],
  ['proxy-read-timeout', '3600', { readTimeout: 3600 }],
  ['proxy-buffering', 'on', { buffering: true }],
  ['proxy-http-version', '1.0', { directives: { proxy_http_version: '1.0' } }],
  ['proxy-request-buffering', 'off', { directives: { proxy_request_buffering: 'off' } }],
  ['proxy-next-upstream', 'error http_502', { directives: { proxy_next_upstream: 'error http_502' } }],
  ['proxy-cookie-path', '/a /b', { directives: { proxy_cookie_path: '"/a" "/b"' } }],
  ['upstream-vhost', 'in.example.com', { requestHeaders: { Host: ['in.example.com'] } }],
  ['x-forwarded-prefix', '/shop', { requestHeaders: { 'X-Forwarded-Prefix': ['/shop'] } }],
  [
    'whitelist-source-range',
    '10.0.0.0/8, 192.0.2.1',
    [{ kind: 'sourceRanges', denied: [], allowed: ['10.0.0.0/8', '192.0.2.1'] }],
  ],
  ['denylist-source-range', '010.0.0.1', [{ kind: 'sourceRanges', denied: ['10.0.0.1'] }]],
  ['satisfy', 'any', [{ kind: 'satisfyAny' }]],
  [
    'permanent-redirect',
    'https://x.com$request_uri',
    [{ kind: 'redirect', code: 301, to: ['https://x.com', { variable: 'request_uri' }] }],
  ],
  ['temporal-redirect', '/there', [{ kind: 'redirect', code: 302, to: ['/there'] }]],
  [
    'auth-url',
    'http://auth.sso.svc.cluster.local:4180/check',
    [
      {
        kind: 'externalAuth',
        responseHeaders: [],
        target: {
          scheme: 'http',
          to: { kind: 'backend', service: 'auth', namespace: 'sso', port: 4180 },
          path: ['/check'],
        },
      },
    ],
  ],
  [
    'auth-url',
    'https://$host/oauth2/auth',
    [
      {
        kind: 'externalAuth',
        responseHeaders: [],
        target: { scheme: 'https', to: { kind: 'itself' }, path: ['/oauth2/auth'] },
      },
    ],
  ],
];
for (const [name, value, want] of good)
  test(`${name}: ${value} is understood`, () => {
    const { settings, filters, problems, isDenied } = readAnnotations({ [prefix + name]: value });
    assert.deepEqual({ problems, isDenied }, { problems: [], isDenied: false });
    assert.deepEqual(settings, { ...defaultSettings, ...(Array.isArray(want) ? {} : want) });
    assert.deepEqual(filters, Array.isArray(want) ? want : []);
  });

test('of two rates for a second the one with the known name counts, and the burst can be told', () => {
  const { filters } = readAnnotations({
    [`${prefix}rate-limit`]: '100',
    [`${prefix}limit-rps`]: '10',
    [`${prefix}limit-burst-multiplier`]: '2',
  });
  assert.deepEqual(filters, [rate(10, 'second', 20)]);
});

test('an authentication asks no address of the node itself, and a sign-in page learns where to come back to', () => {
  for (const url of ['http://127.0.0.1:10250/', 'http://169.254.169.254/', 'http://localhost/', 'ftp://a.b.svc/'])
    assert.ok(readAnnotations({ [`${prefix}auth-url`]: url }).isDenied, url);
  const { filters } = readAnnotations({
    [`${prefix}auth-url`]: 'http://192.0.2.1/',
    [`${prefix}auth-signin`]: 'https://sso.example.com/in',
  });
  const [auth] = filters;
  assert.ok(auth?.kind === 'externalAuth');
  assert.deepEqual(auth.signIn?.slice(0, 3), ['https://sso.example.com/in', '?rd=', { variable: 'scheme' }]);
});

const hostile = [
  'true; } evil {',
  '100r/s;',
  '-1',
  '1e3',
  '1m\nevil;',
  '8m; client_body_in_file_only on',
  '$http_cookie',
  '/$http_cookie',
  '/$10',
  '/a\n} evil {',
  '/a b',
  'https://evil.example.com/',
  'constructor',
  '__proto__',
  '',
  'x'.repeat(10_000),
];
/** Their values are texts of their own, or numbers that some of these are. */
const lenient = /^(?:auth-realm|canary-by-header-(?:value|pattern)|upstream-hash-by|session-cookie|proxy-ssl|canary)/;
test('a value that cannot be meant changes nothing and is told', () => {
  for (const name of annotationNames.filter((one) => !lenient.test(one)))
    for (const value of hostile) {
      const { settings, filters, problems } = readAnnotations({ [prefix + name]: value });
      if (problems.length === 0) {
        // What is a value of it after all does no harm: no quote, no brace, no end of a directive, no foreign variable.
        assert.doesNotMatch(value, /[;{}"'\\\n]|\$http_cookie\b(?!$)/, `${name}: ${value}`);
        continue;
      }
      assert.deepEqual([settings, filters], [defaultSettings, []], `${name}: ${value}`);
      assert.equal(problems.length, 1);
      assert.equal(problems[0]!.reason, 'InvalidAnnotation');
      assert.ok(problems[0]!.message.length < 450, problems[0]!.message);
    }
});

test('annotations of others are left alone, and those that nginx would have are told to have no effect', () => {
  const { settings, problems } = readAnnotations({
    'example.com/note': 'x',
    [`${prefix}configuration-snippet`]: 'evil;',
    [`${prefix}constructor`]: 'evil',
    [`${prefix}__proto__`]: 'evil',
  });
  assert.deepEqual(settings, defaultSettings);
  assert.deepEqual(
    problems.map(({ reason }) => reason),
    ['UnsupportedAnnotation', 'UnsupportedAnnotation', 'UnsupportedAnnotation'],
  );
});

test('what would keep clients away and cannot be followed lets nobody in, and raw configuration is refused', () => {
  const of = (name: string, value: string) => readAnnotations({ [prefix + name]: value });
  for (const [name, value, want] of [
    ['auth-tls-secret', 'shop/ca', 'is not supported: what it protects is not served'],
    [
      'whitelist-source-range',
      '10.0.0.0/33',
      'cannot be followed, so nobody is served: "10.0.0.0/33" is not a list of',
    ],
    ['backend-protocol', 'fcgi', 'cannot be followed, so nobody is served: "fcgi" is not "HTTP"'],
  ] as const) {
    const { isDenied, problems } = of(name, value);
    assert.ok(isDenied, name);
    assert.ok(problems[0]!.message.startsWith(`Annotation "${prefix}${name}" ${want}`), problems[0]!.message);
  }
  const { isDenied, problems } = of('server-snippet', 'evil;');
  assert.ok(!isDenied);
  const message = `Annotation "${prefix}server-snippet" is refused: raw configuration of nginx would reach what belongs to other namespaces`;
  assert.deepEqual(problems, [{ reason: 'UnsupportedAnnotation', message }]);
  assert.ok(!of('backend-protocol', 'nonsense').isDenied);
});

test('what an authentication answers does not say where the request ends', () => {
  for (const name of ['Content-Length', 'transfer-encoding', 'X-User, TE', 'Transfer_Encoding']) {
    const { problems } = readAnnotations({ [`${prefix}auth-response-headers`]: name });
    assert.equal(problems[0]?.reason, 'InvalidAnnotation', name);
  }
  assert.deepEqual(readAnnotations({ [`${prefix}auth-response-headers`]: 'X-User, X-Content-Length' }).problems, []);
});
