import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultSettings, readAnnotations } from './annotations.ts';
import type { Settings } from './routes.ts';

const prefix = 'nginx.ingress.kubernetes.io/';

const good: [name: string, value: string, want: Partial<Settings>][] = [
  ['ssl-redirect', 'false', { sslRedirect: false }],
  ['force-ssl-redirect', 'true', { forceSslRedirect: true }],
  ['rate-limit', '100', { limits: [{ requests: 100, per: 'second', burst: 500 }] }],
  ['limit-rps', '7', { limits: [{ requests: 7, per: 'second', burst: 35 }] }],
  ['limit-rpm', '7', { limits: [{ requests: 7, per: 'minute', burst: 35 }] }],
  ['use-regex', 'true', { useRegex: true }],
  ['rewrite-target', '/a/$1/b$2', { rewriteTarget: '/a/$1/b$2' }],
  ['backend-protocol', 'https', { backendProtocol: 'https' }],
  ['proxy-body-size', '8M', { bodySize: '8m' }],
  ['proxy-body-size', '0', { bodySize: '0' }],
  ['proxy-read-timeout', '3600', { readTimeout: 3600 }],
  ['proxy-buffering', 'on', { buffering: true }],
];
for (const [name, value, want] of good)
  test(`${name}: ${value} is understood`, () => {
    assert.deepEqual(readAnnotations({ [prefix + name]: value }), {
      settings: { ...defaultSettings, ...want },
      problems: [],
      isDenied: false,
    });
  });

test('of two rates for a second the one with the known name counts, and the burst can be told', () => {
  const { settings } = readAnnotations({
    [`${prefix}rate-limit`]: '100',
    [`${prefix}limit-rps`]: '10',
    [`${prefix}limit-burst-multiplier`]: '2',
  });
  assert.deepEqual(settings.limits, [{ requests: 10, per: 'second', burst: 20 }]);
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
test('a value that cannot be meant changes nothing and is told', () => {
  for (const [name] of good)
    for (const value of hostile) {
      const { settings, problems } = readAnnotations({ [prefix + name]: value });
      assert.deepEqual(settings, defaultSettings, `${name}: ${value}`);
      assert.equal(problems.length, 1);
      assert.equal(problems[0]!.reason, 'InvalidAnnotation');
      assert.ok(problems[0]!.message.length < 300);
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

test('an annotation that would keep clients away is told to be missed, and what it protects is denied', () => {
  const { isDenied, problems } = readAnnotations({ [`${prefix}whitelist-source-range`]: '10.0.0.0/8' });
  assert.ok(isDenied);
  assert.deepEqual(problems, [
    {
      reason: 'UnsupportedAnnotation',
      message: `Annotation "${prefix}whitelist-source-range" is not supported: what it protects is not served`,
    },
  ]);
  assert.ok(!readAnnotations({ [`${prefix}configuration-snippet`]: 'evil;' }).isDenied);
});

test('backends of another protocol are not asked in ours', () => {
  const of = (value: string) => readAnnotations({ [`${prefix}backend-protocol`]: value });
  const { isDenied, problems } = of('grpc');
  assert.ok(isDenied);
  assert.deepEqual(problems, [
    {
      reason: 'UnsupportedAnnotation',
      message: `Annotation "${prefix}backend-protocol" is not supported for GRPC: such backends are not served`,
    },
  ]);
  assert.ok(of('GRPCS').isDenied);
  assert.ok(!of('nonsense').isDenied);
});
