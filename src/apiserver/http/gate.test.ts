import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusError } from '../../apimachinery/status.ts';
import type { Attributes, Authorizer, UserInfo } from '../auth/auth.ts';
import { Gate } from './gate.ts';
import type { Request } from './exchange.ts';
import { requestInfo } from './request-info.ts';

const jane: UserInfo = { name: 'jane', groups: [] };

/** What the authorizer is asked for one request of jane, as `verb resource/subresource namespace name`. */
async function asked(
  method: string,
  path: string,
  allows: (one: Attributes) => boolean = () => true,
): Promise<string[]> {
  const seen: string[] = [];
  const authorizer: Authorizer = {
    authorize(one) {
      const what = one.subresource === undefined ? one.resource : `${one.resource}/${one.subresource}`;
      seen.push([one.verb, what ?? one.path, one.namespace ?? '-', one.name ?? '-'].join(' '));
      return allows(one) ? { allowed: true, reason: '' } : { allowed: false, denied: false, reason: '' };
    },
  };
  const url = new URL(path, 'https://localhost');
  const request = { headers: { authorization: 'Bearer x' }, rawHeaders: [], socket: {} } as unknown as Request;
  const gate = new Gate({ authenticate: () => jane }, authorizer);
  try {
    await gate.admit(request, requestInfo(method, url.pathname, url.searchParams), url.searchParams);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    seen.push(error.message);
  }
  return seen;
}

const pods = '/api/v1/namespaces/a/pods';

const rows: { name: string; method?: string; path: string; want: string[] }[] = [
  { name: 'a list', path: pods, want: ['list pods a -'] },
  { name: 'a list of one', path: `${pods}?fieldSelector=metadata.name%3Dx`, want: ['list pods a x'] },
  {
    name: 'a list of all but one that looks like a list of one',
    path: `${pods}?fieldSelector=${encodeURIComponent('spec.nodeName!=y\\,metadata.name=x')}`,
    want: ['list pods a -'],
  },
  { name: 'a status', path: `${pods}/x/status`, method: 'PATCH', want: ['patch pods/status a x'] },
  { name: 'a command', path: `${pods}/x/exec`, method: 'POST', want: ['create pods/exec a x'] },
  {
    name: 'a command through a WebSocket',
    path: `${pods}/x/exec`,
    want: ['get pods/exec a x', 'create pods/exec a x'],
  },
  { name: 'a log', path: `${pods}/x/log`, want: ['get pods/log a x'] },
  { name: 'a page', path: '/metrics', want: ['get /metrics - -'] },
];

for (const { name, method = 'GET', path, want } of rows)
  test(`the right to ${name}`, async () => assert.deepEqual(await asked(method, path), want));

test('who may only read cannot run a command through a WebSocket', async () => {
  assert.deepEqual((await asked('GET', `${pods}/x/exec`, ({ verb }) => verb === 'get')).slice(2), [
    'pods "x" is forbidden: User "jane" cannot create resource "pods/exec" in API group "" in the namespace "a"',
  ]);
});
