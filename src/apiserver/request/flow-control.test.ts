import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UserInfo } from '../auth/auth.ts';
import { FlowControl, TooManyRequestsError } from './flow-control.ts';
import { targetOf } from './target.ts';

const jane: UserInfo = { name: 'jane', groups: [] };
const john: UserInfo = { name: 'john', groups: [] };
const root: UserInfo = { name: 'root', groups: ['system:masters'] };

const get = targetOf('GET', '/api/v1/pods');
const post = targetOf('POST', '/api/v1/namespaces/a/pods');
const page = targetOf('GET', '/version');
const watch = targetOf('GET', '/api/v1/pods?watch=1');

function small(): FlowControl {
  return new FlowControl({
    readOnly: 2,
    mutating: 1,
    watches: { all: 3, ofOneUser: 2 },
    streams: { all: 4, ofOneUser: 3 },
  });
}

test('reads and writes are counted apart, and a place that is given back is free', () => {
  const flow = small();
  const leave = [flow.enter(jane, get), flow.enter(jane, page)];
  assert.throws(() => flow.enter(john, get), TooManyRequestsError);
  const leavePost = flow.enter(john, post);
  assert.throws(() => flow.enter(john, post), TooManyRequestsError);
  assert.deepEqual({ ...flow.running }, { readOnly: 2, mutating: 1 });
  leavePost();
  leave[0]!();
  flow.enter(john, post)();
  flow.enter(john, get)();
});

test('members of system:masters always get in', () => {
  const flow = small();
  flow.enter(jane, post);
  flow.enter(root, post)();
  flow.enter(jane, watch);
  flow.enter(jane, watch);
  flow.enter(john, watch);
  flow.enter(root, watch)();
});

test('probes always get in and take no place; their single checks do', () => {
  const flow = small();
  flow.enter(jane, get);
  for (const path of ['/livez', '/readyz?verbose', '/healthz']) flow.enter(jane, targetOf('GET', path))();
  flow.enter(jane, targetOf('GET', '/livez/ping'));
  for (const path of ['/livez', '/readyz?verbose', '/healthz']) flow.enter(jane, targetOf('GET', path))();
  assert.throws(() => flow.enter(jane, targetOf('GET', '/livez/ping')), TooManyRequestsError);
  assert.deepEqual({ ...flow.running }, { readOnly: 2, mutating: 0 });
});

test('what runs as long as the client likes takes no place among those in flight, and has a bound of its own', () => {
  for (const path of ['exec', 'attach', 'portforward', 'log', 'proxy/x']) {
    const flow = small();
    const stream = targetOf('POST', `/api/v1/namespaces/a/pods/x/${path}`);
    const leave = [1, 2, 3].map(() => flow.enter(jane, stream));
    assert.throws(() => flow.enter(jane, stream), TooManyRequestsError);
    flow.enter(john, stream);
    assert.throws(() => flow.enter(john, stream), TooManyRequestsError);
    flow.enter(root, stream)();
    leave[0]!();
    flow.enter(john, stream);
    assert.deepEqual({ ...flow.running }, { readOnly: 0, mutating: 0 });
  }
});

test('reports of what nodes have applied count as watches', () => {
  const flow = small();
  const report = targetOf('POST', '/kubeling/v1/applied?node=n&component=c');
  flow.enter(jane, report);
  flow.enter(jane, watch);
  assert.throws(() => flow.enter(jane, report), TooManyRequestsError);
  assert.deepEqual({ ...flow.running }, { readOnly: 0, mutating: 0 });
});

test('watches are bounded for each user and in all', () => {
  const flow = small();
  const leave = flow.enter(jane, watch);
  flow.enter(jane, watch);
  assert.throws(() => flow.enter(jane, watch), TooManyRequestsError);
  flow.enter(john, watch);
  assert.throws(() => flow.enter(john, watch), TooManyRequestsError);
  leave();
  flow.enter(john, watch);
  assert.deepEqual({ ...flow.running }, { readOnly: 0, mutating: 0 });
});
