import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ingress } from '../../api/networking/v1/types.ts';
import { makeIngress, makeObjects, makePath, makeRule, problems } from '../testing.ts';
import { planRoutes } from './plan-routes.ts';
import { trafficTexts } from './traffic.ts';

/** The routes as lines: `HOST MATCH PATH → BACKEND`, and what else is special. */

const annotated = (annotations: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(annotations).map(([name, value]) => [`nginx.ingress.kubernetes.io/${name}`, value]),
  );

test('a canary goes beside the path that another Ingress has, and is nothing without it', () => {
  const rules = (service: string, ...paths: string[]) => [
    makeRule('x.com', ...paths.map((path) => makePath(path, service))),
  ];
  const { servers, traffic, problems } = planRoutes(
    makeObjects([
      makeIngress(
        'canary',
        { rules: rules('b', '/', '/none') },
        annotated({ canary: 'true', 'canary-weight': '7', 'canary-weight-total': '10' }),
      ),
      makeIngress('main', { rules: rules('a', '/') }),
    ]),
  );
  const [location, ...others] = servers.find(({ host }) => host === 'x.com')!.locations;
  assert.deepEqual([location!.backend, others], ['shop/a:80', []]);
  assert.deepEqual(traffic.get(location!.traffic!), {
    backend: 'shop/a:80',
    canary: { backend: 'shop/b:80', weight: 7, total: 100 },
  });
  assert.deepEqual(
    problems.get('shop/canary')?.map(({ reason }) => reason),
    ['MissingMain'],
  );
});

test('other names of a host lead to it, unless they are hosts themselves', () => {
  const wishes = annotated({ 'server-alias': 'y.com,z.com,*.x.com', 'from-to-www-redirect': 'true' });
  const { servers } = planRoutes(
    makeObjects([
      makeIngress('one', { rules: [makeRule('x.com', makePath('/', 'a'))] }, wishes),
      makeIngress('two', { rules: [makeRule('y.com', makePath('/', 'b'))] }, annotated({ 'server-alias': 'z.com' })),
    ]),
  );
  assert.deepEqual(
    servers.slice(1).map(({ host, aliases, redirectTo }) => [host, aliases ?? [], redirectTo?.host]),
    [
      ['www.x.com', [], 'x.com'],
      ['x.com', ['z.com', '*.x.com'], undefined],
      ['y.com', [], undefined],
    ],
  );
});

test('what would let clients in is looked for in the namespace of the Ingress alone', () => {
  const rules = [makeRule('x.com', makePath('/', 'a'))];
  const users = { metadata: { name: 'users' }, data: { auth: Buffer.from('ann:{SHA}x\n').toString('base64') } };
  const served = (authSecret: string, annotations: Record<string, string> = {}) => {
    const wishes = annotated({ 'auth-type': 'basic', 'auth-secret': authSecret, ...annotations });
    const secrets = { 'shop/users': users, 'other/users': users };
    const { servers, problems } = planRoutes(makeObjects([makeIngress('one', { rules }, wishes)], { secrets }));
    return [servers.at(-1)!.locations[0]!.backend, problems.get('shop/one')?.map(({ message }) => message)];
  };
  assert.deepEqual(served('users'), ['shop/a:80', []]);
  assert.deepEqual(served('shop/users'), ['shop/a:80', []]);
  assert.deepEqual(served('other/users'), [
    undefined,
    ['Secret "other/users" is not of the namespace of the Ingress: what it protects is not served'],
  ]);
  assert.deepEqual(served('none'), [undefined, ['Secret "shop/none" does not exist: what it protects is not served']]);
  assert.equal(served('users', { 'auth-type': 'digest' })[0], undefined);
});

const lists: Record<string, string>[] = [
  { 'denylist-source-range': Array.from({ length: 1000 }, (_, at) => `10.0.${at >> 8}.${at & 255}`).join() },
  { 'custom-http-errors': Array.from({ length: 99 }, (_, at) => 400 + at).join(), 'default-backend': 'a' },
  { 'server-alias': Array.from({ length: 200 }, (_, at) => `a${at}.com`).join() },
];
for (const list of lists)
  test(`${Object.keys(list)[0]!}: a list that is written for each of many paths or hosts is not served`, () => {
    const of = (count: number): Ingress => {
      const paths = Array.from({ length: count }, (_, at) => makePath(`/${at}`, 'a'));
      const hosts = Array.from({ length: count }, (_, at) => makeRule(`${at}.com`));
      return makeIngress('one', { rules: [makeRule('x.com', ...paths), ...hosts] }, annotated(list));
    };
    assert.deepEqual(problems([of(5)]), []);
    assert.deepEqual(problems([of(1000)]), [
      'shop/one TooLarge: The Ingress is not served: what its annotations list is too long for so many paths and hosts',
    ]);
  });

test('choices of which there are too many for the memory of the balancer have no effect, and this is told', () => {
  const paths = Array.from({ length: 3000 }, (_, at) => makePath(`/${at}/${'%'.repeat(1900)}`, 'a'));
  const one = makeIngress('one', { rules: [makeRule('x.com', ...paths)] }, annotated({ affinity: 'cookie' }));
  const { traffic, problems: all } = planRoutes(makeObjects([one]));
  const bytes = [...trafficTexts(traffic).values()].reduce((sum, text) => sum + text.length, 0);
  assert.ok(bytes > 10 * 2 ** 20 && bytes < 16 * 2 ** 20, `${bytes}`);
  assert.deepEqual(
    all.get('shop/one')!.map(({ reason }) => reason),
    ['TooLarge'],
  );
});
