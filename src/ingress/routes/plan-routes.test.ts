import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Secret } from '../../api/core/v1/types.ts';
import type { HTTPIngressPath, Ingress, IngressClass } from '../../api/networking/v1/types.ts';
import { makeIngress, makeObjects, makePath, makeRule, nginxClass, problems } from '../testing.ts';
import { planRoutes } from './plan-routes.ts';

/** The routes as lines: `HOST MATCH PATH → BACKEND`, and what else is special. */
function shown(ingresses: readonly Ingress[], more: Parameters<typeof makeObjects>[1] = {}): string[] {
  const { servers } = planRoutes(makeObjects(ingresses, more));
  return servers.flatMap(({ host, certificate, locations }) =>
    locations.map(({ match, path, pattern, backend = '503', redirectToHttps }) =>
      [
        host || '*',
        match,
        pattern ?? path,
        '→',
        backend,
        ...(redirectToHttps ? ['redirects'] : []),
        ...(certificate === undefined ? [] : [`shows ${certificate.fingerprint}`]),
      ].join(' '),
    ),
  );
}

const backendOf = (service: string) => ({ service: { name: service, port: { number: 80 } } });

const rows: [name: string, ingresses: Ingress[], want: string[]][] = [
  ['no Ingress makes no routes', [], []],
  [
    'exact paths come before prefixes, long ones before short ones',
    [
      makeIngress('one', {
        rules: [
          makeRule(
            'x.com',
            makePath('/', 'a'),
            makePath('/long', 'b'),
            makePath('/longer', 'c'),
            makePath('/', 'd', 'Exact'),
          ),
        ],
      }),
    ],
    [
      'x.com exact / → shop/d:80',
      'x.com prefix /longer → shop/c:80',
      'x.com prefix /long → shop/b:80',
      'x.com prefix / → shop/a:80',
    ],
  ],
  [
    'what is up to the implementation is a prefix, and no path is all',
    [makeIngress('one', { rules: [makeRule('x.com', { ...makePath('', 'a', 'ImplementationSpecific') })] })],
    ['x.com prefix / → shop/a:80'],
  ],
  [
    'Ingresses of one host are joined, and the older one has a path that both want',
    [
      makeIngress('young', { rules: [makeRule('x.com', makePath('/', 'b'), makePath('/b', 'b'))] }),
      {
        ...makeIngress('old', { rules: [makeRule('x.com', makePath('/', 'a'))] }),
        metadata: { name: 'old', namespace: 'shop', creationTimestamp: '2025-01-01T00:00:00Z' },
      },
    ],
    ['x.com prefix /b → shop/b:80', 'x.com prefix / → shop/a:80'],
  ],
  [
    'a default backend takes what no rule takes, of its hosts and of all that nobody names',
    [makeIngress('one', { defaultBackend: backendOf('d'), rules: [makeRule('x.com', makePath('/a', 'a'))] })],
    ['* prefix / → shop/d:80', 'x.com prefix /a → shop/a:80', 'x.com prefix / → shop/d:80'],
  ],
  [
    'a default backend alone comes before one beside rules, and does not touch the hosts of others',
    [
      makeIngress('a', { defaultBackend: backendOf('a'), rules: [makeRule('x.com', makePath('/x', 'a'))] }),
      makeIngress('b', { defaultBackend: backendOf('b') }),
      makeIngress('c', { rules: [makeRule('y.com', makePath('/y', 'c'))] }),
    ],
    [
      '* prefix / → shop/b:80',
      'x.com prefix /x → shop/a:80',
      'x.com prefix / → shop/a:80',
      'y.com prefix /y → shop/c:80',
    ],
  ],
  [
    'what is to be protected in a way that is not supported answers nobody, and is no part of what others serve',
    [
      makeIngress('open', { rules: [makeRule('x.com', makePath('/', 'a'))] }),
      makeIngress(
        'guarded',
        { defaultBackend: backendOf('b'), rules: [makeRule('x.com', makePath('/admin', 'b'))] },
        { 'nginx.ingress.kubernetes.io/auth-url': 'https://login.example.com' },
      ),
    ],
    ['* prefix / → 503', 'x.com prefix /admin → 503', 'x.com prefix / → shop/a:80'],
  ],
  [
    'a rule without a host is for all that nobody names',
    [makeIngress('one', { rules: [makeRule('', makePath('/', 'a'))] })],
    ['* prefix / → shop/a:80'],
  ],
  [
    'hosts with TLS redirect to it, unless the Ingress says no',
    [
      makeIngress('yes', {
        tls: [{ hosts: ['x.com'] }],
        rules: [makeRule('x.com', makePath('/', 'a')), makeRule('y.com', makePath('/', 'a'))],
      }),
      makeIngress(
        'no',
        { tls: [{}], rules: [makeRule('z.com', makePath('/', 'a'))] },
        { 'nginx.ingress.kubernetes.io/ssl-redirect': 'false' },
      ),
      makeIngress(
        'force',
        { rules: [makeRule('f.com', makePath('/', 'a'))] },
        { 'nginx.ingress.kubernetes.io/force-ssl-redirect': 'true' },
      ),
    ],
    [
      'f.com prefix / → shop/a:80 redirects',
      'x.com prefix / → shop/a:80 redirects',
      'y.com prefix / → shop/a:80',
      'z.com prefix / → shop/a:80',
    ],
  ],
  [
    'with a rewrite, paths are expressions; plain ones still end at a slash',
    [
      makeIngress(
        'one',
        {
          rules: [
            makeRule(
              'x.com',
              makePath('/a(/|$)(.*)', 'a', 'ImplementationSpecific'),
              makePath('/v1.0/', 'b'),
              makePath('/e', 'c', 'Exact'),
            ),
          ],
        },
        { 'nginx.ingress.kubernetes.io/rewrite-target': '/$2' },
      ),
    ],
    ['x.com exact /e → shop/c:80', 'x.com pattern /a(/|$)(.*) → shop/a:80', 'x.com pattern /v1\\.0(?:/|$) → shop/b:80'],
  ],
  [
    'a Service that is not there yet has its route already',
    [makeIngress('one', { rules: [makeRule('x.com', makePath('/', 'none'))] })],
    ['x.com prefix / → shop/none:80'],
  ],
];
for (const [name, ingresses, want] of rows) test(name, () => assert.deepEqual(shown(ingresses), want));

test('a certificate is shown for the hosts that its entry names, wildcards among them', () => {
  const secrets = { 'shop/own': { metadata: { name: 'own', namespace: 'shop' } } };
  const rules = ['a.x.com', 'b.a.x.com', 'y.com'].map((host) => makeRule(host, makePath('/', 'a')));
  const ingress = makeIngress('one', { tls: [{ hosts: ['*.x.com'], secretName: 'own' }], rules });
  const pair = { certificate: 'C', key: 'K' };
  const readCertificate = () => ({ ok: true, pair, fingerprint: 'f1' }) as const;
  assert.deepEqual(shown([ingress], { secrets, readCertificate }), [
    'a.x.com prefix / → shop/a:80 redirects shows f1',
    'b.a.x.com prefix / → shop/a:80',
    'y.com prefix / → shop/a:80',
  ]);
});

const other: IngressClass = { metadata: { name: 'other' }, spec: { controller: 'example.com/other' } };
const mine: IngressClass = { ...nginxClass, metadata: { name: 'mine' } };
const classed = (annotation: string | undefined, ingressClassName: string | undefined): Ingress => {
  const spec = { rules: [makeRule('x.com', makePath('/', 'a'))] };
  const ingress = makeIngress(
    'one',
    spec,
    annotation === undefined ? {} : { 'kubernetes.io/ingress.class': annotation },
  );
  return { ...ingress, spec: { ...spec, ...(ingressClassName === undefined ? {} : { ingressClassName }) } };
};
const classes: [annotation: string | undefined, field: string | undefined, IngressClass[], served: boolean][] = [
  [undefined, 'nginx', [nginxClass], true],
  [undefined, 'mine', [nginxClass, mine], true],
  [undefined, 'other', [nginxClass, other], false],
  [undefined, 'unknown', [nginxClass], false],
  [undefined, undefined, [nginxClass], true],
  [undefined, undefined, [], true],
  ['nginx', undefined, [], true],
  ['nginx', undefined, [{ ...other, metadata: { name: 'nginx' } }], false],
  ['other', 'nginx', [nginxClass, other], false],
];
for (const [annotation, field, known, served] of classes)
  test(`class ${annotation ?? '-'} in the annotation and ${field ?? '-'} in the field, of ${known.length} classes, is ${served ? '' : 'not '}served`, () => {
    assert.equal(shown([classed(annotation, field)], { classes: known }).length, served ? 1 : 0);
  });

test('what is wrong is told of the Ingress that has it', () => {
  const wrong = makeIngress(
    'wrong',
    {
      tls: [{ secretName: 'none' }],
      rules: [
        makeRule('x.com', makePath('/', 'none'), makePath('/a', 'a', 'Exact'), makePath('/a', 'b', 'Exact')),
        makeRule('y.com', {
          path: '/',
          pathType: 'Prefix',
          backend: { service: { name: 'a', port: { name: 'none' } } },
        }),
        makeRule('z.com', { path: '/', pathType: 'Prefix', backend: { resource: { kind: 'Bucket', name: 'x' } } }),
      ],
    },
    { 'nginx.ingress.kubernetes.io/rate-limit': 'many' },
  );
  const right = makeIngress('right', { rules: [makeRule('r.com', makePath('/', 'a'))] });
  assert.deepEqual(problems([wrong, right]), [
    'shop/wrong InvalidAnnotation: Annotation "nginx.ingress.kubernetes.io/rate-limit" has no effect: "many" is not a number between 1 and 1000000',
    'shop/wrong MissingService: Service "shop/none" does not exist',
    'shop/wrong Duplicate: Path "/a" of host "x.com" is not served: Ingress "shop/wrong" has it already',
    'shop/wrong MissingPort: Service "shop/a" has no port "none"',
    'shop/wrong UnsupportedBackend: A backend that names a Bucket is answered with 503',
    'shop/wrong MissingSecret: Secret "shop/none" does not exist: the default certificate is shown instead',
  ]);
});

test('an Ingress that nginx refuses is left out, with its reason', () => {
  const ingresses = ['good', 'bad'].map((name) =>
    makeIngress(name, { rules: [makeRule(`${name}.com`, makePath('/', 'a'))] }),
  );
  const refusal = ({ metadata }: Readonly<Ingress>) => (metadata.name === 'bad' ? 'it is bad' : undefined);
  assert.deepEqual(shown(ingresses, { refusal }), ['good.com prefix / → shop/a:80']);
  assert.deepEqual(problems(ingresses, { refusal }), [
    'shop/bad Refused: The Ingress is not served: nginx refuses it: it is bad',
  ]);
});

test('what the API server would never let in makes no route either', () => {
  const hosts = ['a.com; } evil {', 'a.com"', '$host', 'A.com', '*.*.com', 'a..com', '~.*', ''.padEnd(300, 'a')];
  const paths = ['no-slash', '/a\n} evil {', '/\0', `/${'a'.repeat(3000)}`];
  const ingress = makeIngress('one', {
    rules: [
      ...hosts.map((host) => makeRule(host, makePath('/', 'a'))),
      makeRule('x.com', ...paths.map((path) => makePath(path, 'a')), makePath('/ok', 'a"; evil')),
    ],
  });
  assert.deepEqual(shown([ingress]), ['x.com prefix /ok → 503']);
});

test('an Ingress that breaks an assumption is told of, and keeps no other from being served', () => {
  const odd = { rules: [makeRule('odd.com', null as unknown as HTTPIngressPath)] };
  const routes = planRoutes(
    makeObjects([makeIngress('odd', odd), makeIngress('right', { rules: [makeRule('x.com', makePath('/', 'a'))] })]),
  );
  assert.equal(routes.servers.find(({ host }) => host === 'x.com')?.locations[0]?.backend, 'shop/a:80');
  const [problem] = routes.problems.get('shop/odd')!;
  assert.equal(problem?.reason, 'Failed');
  assert.match(problem.message, /^The Ingress is served in part at most: TypeError: /);
  assert.deepEqual(routes.problems.get('shop/right'), []);
});

const wildcard = { hosts: ['*.x.com'], secretName: 'wild' };
const exact = { hosts: ['a.x.com'], secretName: 'exact' };
const everything = { secretName: 'any' };
const missing = { hosts: ['b.x.com'], secretName: 'missing' };
for (const tls of [
  [wildcard, exact, everything, missing],
  [missing, everything, exact, wildcard],
  [everything, missing, wildcard, exact],
])
  test(`the entry that names a host comes first: ${tls.map(({ secretName }) => secretName).join(', ')}`, () => {
    const rules = ['a.x.com', 'b.x.com', 'c.x.com', 'y.com'].map((host) => makeRule(host, makePath('/', 'a')));
    const secret = (name: string): Secret => ({ metadata: { name, namespace: 'shop' } });
    const { servers, problems } = planRoutes(
      makeObjects([makeIngress('one', { tls, rules })], {
        secrets: Object.fromEntries(['wild', 'exact', 'any'].map((name) => [`shop/${name}`, secret(name)])),
        readCertificate: ({ metadata: { name } }) => ({
          ok: true,
          fingerprint: name,
          pair: { certificate: name, key: name },
        }),
      }),
    );
    const shownBy = servers.slice(1).map(({ host, certificate }) => `${host} ${certificate?.fingerprint ?? 'default'}`);
    assert.deepEqual(shownBy, ['a.x.com exact', 'b.x.com default', 'c.x.com wild', 'y.com any']);
    assert.deepEqual(
      problems.get('shop/one')?.map(({ reason, message }) => `${reason}: ${message}`),
      ['MissingSecret: Secret "shop/missing" does not exist: the default certificate is shown instead'],
    );
  });

for (const path of ['/(?<a>.*)', "/(?'a'.*)", '/(?P<a>.*)', '/x(?<=y)(?<a>b)'])
  test(`an expression with a named group is not served: ${path}`, () => {
    const rules = [makeRule('x.com', makePath(path, 'a', 'ImplementationSpecific'))];
    const { servers, problems } = planRoutes(
      makeObjects([makeIngress('one', { rules }, { 'nginx.ingress.kubernetes.io/use-regex': 'true' })]),
    );
    assert.deepEqual(servers.find(({ host }) => host === 'x.com')?.locations, []);
    const message = `Path ${JSON.stringify(path)} is not served: groups of its expression must not have names`;
    assert.deepEqual(problems.get('shop/one'), [{ reason: 'InvalidPath', message }]);
  });

test('an expression that looks behind has no named group', () => {
  const rules = [makeRule('x.com', makePath('/a(?<=a)(?<!b)(?:c|d)', 'a', 'ImplementationSpecific'))];
  const { servers } = planRoutes(
    makeObjects([makeIngress('one', { rules }, { 'nginx.ingress.kubernetes.io/use-regex': 'true' })]),
  );
  assert.equal(servers.find(({ host }) => host === 'x.com')?.locations.length, 1);
});
