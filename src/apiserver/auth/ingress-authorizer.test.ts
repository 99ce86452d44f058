import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../apimachinery/object.ts';
import { testContext } from '../testing/context.ts';
import type { Attributes } from './auth.ts';
import { IngressAuthorizer } from './ingress-authorizer.ts';

const user = { name: 'system:kubeling-ingress:one', groups: ['system:kubeling-ingresses'] };
const ingress = (name: string, ingressClassName: string, secretName: string): KubeObject =>
  ({
    kind: 'Ingress',
    metadata: { name, namespace: 'shop' },
    spec: { ingressClassName, tls: [{ secretName }, {}] },
  }) as KubeObject;
const ingressClass = (name: string, controller: string): KubeObject =>
  ({ kind: 'IngressClass', metadata: { name }, spec: { controller } }) as KubeObject;

const objects = [
  ingressClass('nginx', 'k8s.io/ingress-nginx'),
  ingressClass('other', 'example.com/other'),
  ingress('web', 'nginx', 'web-cert'),
  ingress('strange', 'other', 'strange-cert'),
];
const secret = { group: '', resource: 'secrets', namespace: 'shop' };
const status = { verb: 'update', group: 'networking.k8s.io', resource: 'ingresses', subresource: 'status' };
const node = { verb: 'patch', group: '', resource: 'nodes', subresource: 'status' };

type Row = readonly [what: string, ask: Partial<Attributes>, want: true | string];
const rows: readonly Row[] = [
  ['reads a Secret that a served Ingress names', { ...secret, verb: 'get', name: 'web-cert' }, true],
  ['watches it alone', { ...secret, verb: 'watch', fieldSelector: 'metadata.name=web-cert' }, true],
  ['lists it alone', { ...secret, verb: 'list', fieldSelector: 'metadata.name=web-cert' }, true],
  ['lists all of its namespace', { ...secret, verb: 'list' }, 'No Object name found'],
  ['lists all but it', { ...secret, verb: 'list', fieldSelector: 'metadata.name!=web-cert' }, 'No Object name found'],
  [
    'lists it in all namespaces',
    { ...secret, namespace: '', verb: 'list', fieldSelector: 'metadata.name=web-cert' },
    'can only read namespaced object of this type',
  ],
  ...['strange-cert', 'token'].map((name): Row => [
    `reads ${name}`,
    { ...secret, verb: 'get', name },
    'no Ingress that is served by the nodes names this object',
  ]),
  [
    'reads one of that name elsewhere',
    { ...secret, verb: 'get', namespace: 'bank', name: 'web-cert' },
    'no Ingress that is served by the nodes names this object',
  ],
  ['writes it', { ...secret, verb: 'update', name: 'web-cert' }, ''],
  ['reads it by a subresource', { ...secret, verb: 'get', subresource: 'x', name: 'web-cert' }, ''],
  ['writes the status of a served Ingress', { ...status, namespace: 'shop', name: 'web' }, true],
  [
    'writes that of another',
    { ...status, namespace: 'shop', name: 'strange' },
    'can only write the status of Ingresses that are served by the nodes',
  ],
  ['writes the status of its node', { ...node, name: 'one' }, true],
  ['writes that of another node', { ...node, name: 'two' }, "node 'one' cannot write the status of another node"],
  ['writes its node', { ...node, subresource: '', name: 'one' }, ''],
];
for (const [what, ask, want] of rows)
  test(`the ingress of a node ${what}: ${want === true ? 'allowed' : 'not'}`, () => {
    const authorizer = new IngressAuthorizer(testContext({ objects }).context);
    const decision = authorizer.authorize({ user, verb: 'get', ...ask });
    assert.deepEqual(decision.allowed || decision.reason, want);
  });

test('who has the name alone, or the group alone, is nobody', () => {
  const authorizer = new IngressAuthorizer(testContext({ objects }).context);
  const ask = { ...secret, verb: 'get', name: 'web-cert' };
  for (const one of [
    { ...user, groups: [] },
    { ...user, name: 'jane' },
    { ...user, name: 'system:kubeling-ingress:' },
  ])
    assert.deepEqual(authorizer.authorize({ user: one, ...ask }), { allowed: false, denied: false, reason: '' });
});

test('a Secret can be read for as long as one served Ingress names it', () => {
  const { context, put, remove } = testContext({ objects });
  const authorizer = new IngressAuthorizer(context);
  const reads = (name: string) => authorizer.authorize({ user, ...secret, verb: 'get', name }).allowed;
  put(ingress('second', 'nginx', 'web-cert'));
  put(ingress('web', 'nginx', 'new-cert'));
  assert.deepEqual(['web-cert', 'new-cert'].map(reads), [true, true]);
  remove('Ingress', 'shop/second');
  assert.deepEqual(['web-cert', 'new-cert'].map(reads), [false, true]);
  put(ingressClass('nginx', 'example.com/other'));
  assert.equal(reads('new-cert'), false);
});
