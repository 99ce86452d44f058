import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Pods, ServiceAccounts } from '../../../src/api/core/v1/types.ts';
import { PodDisruptionBudgets } from '../../../src/api/policy/v1/types.ts';
import type { KeyAndCertificate } from '../../../src/apiserver/auth/certificates.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';

const namespace = 'default';
const pods = `/api/v1/namespaces/${namespace}/pods`;
const budgets = `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`;
const message = "Cannot evict pod as it would violate the pod's disruption budget.";
const merge = { 'content-type': 'application/merge-patch+json' };

let api: HttpsApi;
before(async () => {
  api = await startHttpsApi();
  await api.client.create(ServiceAccounts, { metadata: { name: 'default', namespace } });
});
after(() => api[Symbol.asyncDispose]());

interface State {
  readonly phase?: string;
  readonly ready?: boolean;
  readonly node?: string;
}

/** A pod that a finalizer keeps, so that what its end leaves can be seen. */
async function makePod(name: string, { phase = 'Running', ready = true, node }: State = {}): Promise<void> {
  const metadata = { name, namespace, labels: { app: name }, finalizers: ['example.com/look'] };
  const spec = { containers: [{ name: 'app', image: 'app' }], ...(node && { nodeName: node }) };
  await api.client.create(Pods, { metadata, spec });
  const status = { phase, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] };
  const { code } = await api.ask(`${pods}/${name}/status`, { method: 'PATCH', headers: merge, body: { status } });
  assert.equal(code, 200);
}

async function makeBudget(name: string, status: object, spec: object = {}): Promise<void> {
  const selector = { matchLabels: { app: name } };
  await api.client.create(PodDisruptionBudgets, {
    metadata: { name, namespace },
    spec: { minAvailable: 1, selector, ...spec },
  });
  const { code } = await api.ask(`${budgets}/${name}/status`, { method: 'PATCH', headers: merge, body: { status } });
  assert.equal(code, 200);
}

function evict(name: string, deleteOptions?: object, who?: KeyAndCertificate) {
  const body = { metadata: { name }, ...(deleteOptions && { deleteOptions }) };
  return api.ask(`${pods}/${name}/eviction`, { method: 'POST', body, ...(who && { who }) });
}

const podOf = async (name: string) => (await api.ask(`${pods}/${name}`)).body;
const budgetOf = async (name: string) => (await api.ask(`${budgets}/${name}`)).body;
const disruption = (pod: any) => pod.status.conditions.find(({ type }: any) => type === 'DisruptionTarget');

for (const [name, state] of Object.entries({ running: {}, pending: { phase: 'Pending' }, ended: { phase: 'Failed' } }))
  test(`a ${name} pod that is evicted says so`, async () => {
    await makePod(name, state);
    assert.equal((await evict(name)).code, 201);
    const pod = await podOf(name);
    const { status, reason, message, lastTransitionTime } = disruption(pod);
    assert.deepEqual([status, reason, message], ['True', 'EvictionByEvictionAPI', 'Eviction API: evicting']);
    assert.ok(lastTransitionTime);
    assert.ok(pod.metadata.deletionTimestamp);
  });

test('a pod says nothing after an eviction that was a dry run, or whose precondition fails', async () => {
  await makePod('spared');
  assert.equal((await evict('spared', { dryRun: ['All'] })).code, 201);
  assert.equal((await evict('spared', { preconditions: { resourceVersion: '1' } })).code, 409);
  assert.equal((await evict('spared', { preconditions: { uid: '1' } })).code, 409);
  const pod = await podOf('spared');
  assert.deepEqual([disruption(pod), pod.metadata.deletionTimestamp], [undefined, undefined]);
});

test('an eviction of the version that is there deletes, though it writes to the pod first', async () => {
  await makePod('versioned');
  const { resourceVersion } = (await podOf('versioned')).metadata;
  assert.equal((await evict('versioned', { preconditions: { resourceVersion } })).code, 201);
  assert.ok((await podOf('versioned')).metadata.deletionTimestamp);
});

test('the options of the deletion count, and are checked', async () => {
  await makePod('optioned');
  const { code, body } = await evict('optioned', { propagationPolicy: 'Foo' });
  assert.equal(code, 422);
  assert.match(body.message, /^DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Foo"/);
  assert.equal((await evict('optioned', { propagationPolicy: 'Foreground' })).code, 201);
  assert.ok((await podOf('optioned')).metadata.finalizers.includes('foregroundDeletion'));
});

const synced = { observedGeneration: 1, currentHealthy: 3, desiredHealthy: 1 };
const failed = { type: 'DisruptionAllowed', status: 'False', lastTransitionTime: '2026-01-01T00:00:00Z' };

const refusals: { name: string; status: object; want: readonly [number, string, string?] }[] = [
  {
    name: 'unseen',
    status: {},
    want: [429, 'The disruption budget unseen is still being processed by the server.', '10'],
  },
  {
    name: 'exhausted',
    status: { ...synced, currentHealthy: 1 },
    want: [429, 'The disruption budget exhausted needs 1 healthy pods and has 1 currently'],
  },
  {
    name: 'broken',
    status: { ...synced, conditions: [{ ...failed, reason: 'SyncFailed', message: 'no scale' }] },
    want: [429, 'The disruption budget broken does not allow evicting pods currently because it failed sync: no scale'],
  },
  {
    name: 'explained',
    status: { ...synced, conditions: [{ ...failed, reason: 'Later', message: 'not today' }] },
    want: [429, 'The disruption budget explained does not allow evicting pods currently (Later): not today'],
  },
];

for (const { name, status, want } of refusals)
  test(`an eviction is refused by a budget that is ${name}`, async () => {
    await makePod(name);
    await makeBudget(name, { disruptionsAllowed: 0, ...status });
    const { code, body, headers } = await evict(name);
    const [cause] = body.details.causes;
    assert.deepEqual([code, cause.message, headers['retry-after']], [want[0], want[1], want[2]]);
    assert.deepEqual([body.message, cause.reason], [message, 'DisruptionBudget']);
    assert.equal((await podOf(name)).metadata.deletionTimestamp, undefined);
  });

test('an eviction is forbidden where more were granted than a controller that runs would leave', async () => {
  await makePod('flooded');
  const granted = Array.from({ length: 2001 }, (_, at) => [`pod-${at}`, '2026-01-01T00:00:00Z']);
  await makeBudget('flooded', { ...synced, disruptionsAllowed: 1, disruptedPods: Object.fromEntries(granted) });
  const { code, body } = await evict('flooded');
  assert.equal(code, 403);
  assert.match(body.message, /DisruptedPods map too big/);
});

test('the last disruption is taken, and the budget says that it allows no more', async () => {
  await makePod('last');
  await makeBudget('last', { ...synced, disruptionsAllowed: 1 });
  assert.equal((await evict('last')).code, 201);
  const { status } = await budgetOf('last');
  assert.deepEqual([status.disruptionsAllowed, Object.keys(status.disruptedPods)], [0, ['last']]);
  const [{ type, status: value, reason }] = status.conditions;
  assert.deepEqual([type, value, reason], ['DisruptionAllowed', 'False', 'InsufficientPods']);
});

test('a pod that is not ready costs nothing where enough others are', async () => {
  await makePod('sick', { ready: false });
  await makeBudget('sick', { ...synced, disruptionsAllowed: 0 });
  assert.equal((await evict('sick')).code, 201);
  assert.equal((await budgetOf('sick')).status.disruptedPods, undefined);
});

test('in a namespace that ends, an eviction, a binding and a token are refused as kubectl drain expects it', async () => {
  const ending = { metadata: { name: 'ending', finalizers: ['example.com/look'] } };
  await api.ask('/api/v1/namespaces', { method: 'POST', body: ending });
  await api.client.create(ServiceAccounts, { metadata: { name: 'default', namespace: 'ending' } });
  const spec = { containers: [{ name: 'app', image: 'app' }] };
  await api.client.create(Pods, { metadata: { name: 'web', namespace: 'ending' }, spec });
  await api.ask('/api/v1/namespaces/ending', { method: 'DELETE' });
  const body = { metadata: { name: 'web' }, target: { name: 'one' } };
  for (const path of ['pods/web/eviction', 'pods/web/binding', 'serviceaccounts/default/token']) {
    const sent = path.endsWith('token') ? {} : body;
    const answer = await api.ask(`/api/v1/namespaces/ending/${path}`, { method: 'POST', body: sent });
    assert.deepEqual([path, answer.code, answer.body.details.causes?.[0]?.reason], [path, 403, 'NamespaceTerminating']);
  }
});

test('an agent uses up no budget of pods on other nodes', async () => {
  await makePod('elsewhere', { node: 'other' });
  await makeBudget('elsewhere', { ...synced, disruptionsAllowed: 1 });
  const agent = await api.identity('system:node:mine', ['system:nodes', 'system:masters']);
  const { code, body } = await evict('elsewhere', undefined, agent);
  assert.equal(code, 403);
  assert.match(body.message, /can only evict pods with spec.nodeName set to itself/);
  assert.equal((await budgetOf('elsewhere')).status.disruptionsAllowed, 1);
});
