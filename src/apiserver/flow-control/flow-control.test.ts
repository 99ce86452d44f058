import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UserInfo } from '../auth/auth.ts';
import { recorded } from '../bootstrap/recorded.ts';
import { targetOf } from '../request/target.ts';
import { testContext } from '../testing/context.ts';
import { FlowControl } from './flow-control.ts';
import type { Leave } from './priority-level.ts';
import { TooManyRequestsError } from './too-many-requests.ts';

const everybody = 'system:authenticated';
const jane: UserInfo = { name: 'jane', groups: [everybody] };
const john: UserInfo = { name: 'john', groups: [everybody] };
const root: UserInfo = { name: 'root', groups: ['system:masters', everybody] };

const get = targetOf('GET', '/api/v1/namespaces/a/pods/x');
const post = targetOf('POST', '/api/v1/namespaces/a/pods');
const watch = targetOf('GET', '/api/v1/pods?watch=1');

/** As after a start: the recorded objects are there. */
function small({ hasObjects = true } = {}) {
  const stored = (kind: string) => (one: { name: string; spec: object }) => ({
    kind,
    metadata: { name: one.name, uid: `${kind} ${one.name}`, generation: 1 },
    spec: one.spec,
  });
  const objects = [
    ...recorded.flowSchemas.map(stored('FlowSchema')),
    ...recorded.priorityLevels.map(stored('PriorityLevelConfiguration')),
  ];
  const kit = testContext(hasObjects ? { objects } : {});
  const limits = {
    readOnly: 2,
    mutating: 1,
    watches: { all: 3, ofOneUser: 2 },
    streams: { all: 4, ofOneUser: 3 },
  };
  return { ...kit, flow: new FlowControl(kit.context, () => 1000, limits) };
}

/** Takes all seats that jane can have; the last of her requests waits. */
function fill(flow: FlowControl): Promise<Leave> {
  for (;;) {
    const { leave } = flow.enter(jane, get);
    if (leave instanceof Promise) return leave;
  }
}

test('reads and writes are counted apart, and a place that is given back is free', () => {
  const { flow } = small();
  const leaves = [get, get, post].map((target) => flow.enter(root, target).leave as Leave);
  assert.deepEqual({ ...flow.running }, { readOnly: 2, mutating: 1 });
  for (const leave of leaves) leave();
  assert.deepEqual({ ...flow.running }, { readOnly: 0, mutating: 0 });
});

test('who finds no seat waits for his own turn, and is told where he belongs', async () => {
  const { flow } = small();
  const first = flow.enter(jane, post);
  const before = fill(flow);
  assert.equal(first.schemaUid, 'FlowSchema global-default');
  assert.equal(first.levelUid, 'PriorityLevelConfiguration global-default');
  const second = flow.enter(john, post).leave as Promise<Leave>;
  assert.ok(second instanceof Promise);
  const { mutating } = flow.running;
  (first.leave as Leave)();
  (await before)();
  const leave = await second;
  assert.equal(flow.running.mutating, mutating);
  leave();
  assert.equal(flow.running.mutating, mutating - 1);
});

test('members of system:masters and probes never wait', () => {
  const { flow } = small();
  void fill(flow);
  for (const target of [get, post]) (flow.enter(root, target).leave as Leave)();
  for (const path of ['/livez', '/readyz?verbose', '/healthz'])
    (flow.enter(jane, targetOf('GET', path)).leave as Leave)();
  assert.ok(flow.enter(jane, targetOf('GET', '/livez/ping')).leave instanceof Promise);
});

test('a long list takes seats as it has objects', () => {
  const { flow } = small();
  const level = () => flow.levels.find(({ limits }) => limits.name === 'global-default')!;
  void flow.enter(jane, targetOf('GET', '/api/v1/pods'));
  assert.equal(level().seats, 10);
});

test('without objects everybody is let in by the last of all schemas', () => {
  const { flow } = small({ hasObjects: false });
  assert.equal(flow.enter(root, get).schemaUid, '');
  assert.deepEqual(flow.levels.map(({ limits }) => limits.name).sort(), ['catch-all', 'exempt']);
  const all = Array.from({ length: 3 }, () => flow.enter(jane, get).leave);
  assert.ok(all.every((leave) => !(leave instanceof Promise)));
  assert.throws(() => flow.enter(john, get), TooManyRequestsError);
});

test('a schema that comes counts at once, and one whose level is not there for nobody', () => {
  const { flow, put } = small();
  const schema = (name: string, level: string) => ({
    kind: 'FlowSchema',
    metadata: { name, uid: name, generation: 1 },
    spec: {
      matchingPrecedence: 10,
      priorityLevelConfiguration: { name: level },
      rules: recorded.flowSchemas.find((one) => one.name === 'global-default')!.spec.rules,
    },
  });
  put(schema('lost', 'nowhere') as never);
  assert.equal(flow.enter(jane, get).schemaUid, 'FlowSchema global-default');
  put(schema('own', 'workload-high') as never);
  const { schemaUid, levelUid } = flow.enter(jane, get);
  assert.deepEqual([schemaUid, levelUid], ['own', 'PriorityLevelConfiguration workload-high']);
});

test('what runs as long as the client likes takes no seat, and has a bound of its own', () => {
  for (const path of ['exec', 'attach', 'portforward', 'log', 'proxy/x']) {
    const { flow } = small();
    const stream = targetOf('POST', `/api/v1/namespaces/a/pods/x/${path}`);
    const leave = [1, 2, 3].map(() => flow.enter(jane, stream).leave as Leave);
    assert.throws(() => flow.enter(jane, stream), TooManyRequestsError);
    flow.enter(john, stream);
    assert.throws(() => flow.enter(john, stream), TooManyRequestsError);
    (flow.enter(root, stream).leave as Leave)();
    leave[0]!();
    flow.enter(john, stream);
    assert.deepEqual({ ...flow.running }, { readOnly: 0, mutating: 0 });
  }
});

test('reports of what nodes have applied count as watches', () => {
  const { flow } = small();
  const report = targetOf('POST', '/kubeling/v1/applied?node=n&component=c');
  flow.enter(jane, report);
  flow.enter(jane, watch);
  assert.throws(() => flow.enter(jane, report), TooManyRequestsError);
  assert.deepEqual({ ...flow.running }, { readOnly: 0, mutating: 0 });
});

test('watches are bounded for each user and in all', () => {
  const { flow } = small();
  const leave = flow.enter(jane, watch).leave as Leave;
  flow.enter(jane, watch);
  assert.throws(() => flow.enter(jane, watch), TooManyRequestsError);
  flow.enter(john, watch);
  assert.throws(() => flow.enter(john, watch), TooManyRequestsError);
  leave();
  flow.enter(john, watch);
  assert.deepEqual({ ...flow.running }, { readOnly: 0, mutating: 0 });
});
