import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusError } from '../../apimachinery/status.ts';
import type { Attributes, Authorizer, UserInfo } from '../auth/auth.ts';
import { authorize } from './authorize.ts';
import { targetOf } from './target.ts';

const jane: UserInfo = { name: 'jane', groups: [] };

/** What the authorizer is asked for one request of jane, as `verb resource/subresource namespace name selectors`. */
function asked(method: string, path: string, allows: (one: Attributes) => boolean = () => true): string[] {
  const seen: string[] = [];
  const authorizer: Authorizer = {
    authorize(one) {
      const what = one.subresource === undefined ? one.resource : `${one.resource}/${one.subresource}`;
      const selectors = [one.fieldSelector, one.labelSelector].filter((text) => text !== undefined);
      seen.push([one.verb, what ?? one.path, one.namespace ?? '-', one.name ?? '-', ...selectors].join(' '));
      return allows(one) ? { allowed: true, reason: '' } : { allowed: false, denied: false, reason: '' };
    },
  };
  try {
    void authorize(authorizer, jane, targetOf(method, path));
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    seen.push(error.message);
  }
  return seen;
}

const pods = '/api/v1/namespaces/a/pods';
const comma = encodeURIComponent('spec.nodeName!=y\\,metadata.name=x');

const rows: { name: string; method?: string; path: string; want: string[] }[] = [
  { name: 'a list', path: pods, want: ['list pods a -'] },
  { name: 'a list of one', path: `${pods}?fieldSelector=metadata.name%3Dx`, want: ['list pods a x metadata.name=x'] },
  {
    name: 'a list of all but one that looks like a list of one',
    path: `${pods}?fieldSelector=${comma}`,
    want: ['list pods a - spec.nodeName!=y\\,metadata.name=x'],
  },
  {
    name: 'a list of what can be no name',
    path: `${pods}?fieldSelector=metadata.name%3D..`,
    want: ['list pods a - metadata.name=..'],
  },
  {
    name: 'a list by labels',
    path: `${pods}?labelSelector=a%3Db&labelSelector=c%3Dd`,
    want: ['list pods a - a=b'],
  },
  {
    name: 'a watch of one',
    path: `${pods}?watch=1&fieldSelector=metadata.name%3Dx`,
    want: ['watch pods a x metadata.name=x'],
  },
  {
    name: 'a deletion of a collection, which no name makes smaller',
    method: 'DELETE',
    path: `${pods}?fieldSelector=metadata.name%3Dx`,
    want: ['deletecollection pods a - metadata.name=x'],
  },
  { name: 'an old watch of one', path: '/api/v1/watch/namespaces/a/pods/x', want: ['watch pods a x'] },
  {
    name: 'an old watch, whose selectors give nothing',
    path: '/api/v1/watch/namespaces/a/pods?fieldSelector=metadata.name%3Dx&labelSelector=a',
    want: ['watch pods a -'],
  },
  { name: 'a get that says watch', path: `${pods}/x?watch=1`, want: ['get pods a x'] },
  { name: 'a status', path: `${pods}/x/status`, method: 'PATCH', want: ['patch pods/status a x'] },
  { name: 'a namespace', path: '/api/v1/namespaces/a', want: ['get namespaces a a'] },
  {
    name: 'the end of a namespace',
    path: '/api/v1/namespaces/a/finalize',
    method: 'PUT',
    want: ['update namespaces/finalize a a'],
  },
  { name: 'a command', path: `${pods}/x/exec`, method: 'POST', want: ['create pods/exec a x'] },
  {
    name: 'a command through a WebSocket',
    path: `${pods}/x/exec`,
    want: ['get pods/exec a x', 'create pods/exec a x'],
  },
  {
    name: 'a forwarded port by an old watch path',
    path: '/api/v1/watch/namespaces/a/pods/x/portforward',
    want: ['watch pods/portforward a x', 'create pods/portforward a x'],
  },
  { name: 'a log', path: `${pods}/x/log`, want: ['get pods/log a x'] },
  {
    name: 'a write through a proxy',
    path: `${pods}/x:80/proxy/a/b`,
    method: 'POST',
    want: ['create pods/proxy a x:80'],
  },
  { name: 'a method that is no verb', path: pods, method: 'OPTIONS', want: [' pods a -'] },
  { name: 'a page', path: '/metrics', want: ['get /metrics - -'] },
  { name: 'a page whose path is escaped', path: '/%6Detrics', want: ['get /metrics - -'] },
];

for (const { name, method = 'GET', path, want } of rows)
  test(`the right to ${name}`, () => assert.deepEqual(asked(method, path), want));

test('who may only read cannot run a command through a WebSocket', () => {
  assert.deepEqual(asked('GET', `${pods}/x/exec`, ({ verb }) => verb === 'get').slice(2), [
    'pods "x" is forbidden: User "jane" cannot create resource "pods/exec" in API group "" in the namespace "a"',
  ]);
});
