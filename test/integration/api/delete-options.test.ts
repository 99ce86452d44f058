import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  ConfigMaps,
  Namespaces,
  Nodes,
  Pods,
  ReplicationControllers,
  ServiceAccounts,
} from '../../../src/api/core/v1/types.ts';
import { Deployments } from '../../../src/api/apps/v1/types.ts';
import { systemClock } from '../../../src/base/system-clock.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';

let api: HttpsApi;
let uid: string;
let version: string;
const path = '/api/v1/namespaces/default/configmaps/kept';

before(async () => {
  api = await startHttpsApi();
  const { metadata } = await api.client.create(ConfigMaps, { metadata: { name: 'kept', namespace: 'default' } });
  [uid, version] = [metadata.uid!, metadata.resourceVersion!];
});
after(() => api[Symbol.asyncDispose]());

const remove = (body?: object, query = '', where = path) =>
  api.ask(`${where}${query}`, {
    method: 'DELETE',
    ...(body && { body: { kind: 'DeleteOptions', apiVersion: 'v1', ...body } }),
  });

const invalid = (why: string) => `DeleteOptions.meta.k8s.io "" is invalid: ${why}`;
const conflict = (why: () => string) => () => `Operation cannot be fulfilled on ConfigMap "kept": ${why()}`;

const refusals: { name: string; body?: object; query?: string; want: readonly [number, string | (() => string)] }[] = [
  {
    name: 'another uid',
    body: { preconditions: { uid: 'other' } },
    want: [
      409,
      conflict(
        () =>
          `the UID in the precondition (other) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
      ),
    ],
  },
  {
    name: 'another version',
    body: { preconditions: { resourceVersion: '1' } },
    want: [
      409,
      conflict(
        () =>
          `the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${version}). The object might have been modified`,
      ),
    ],
  },
  {
    name: 'another uid in the query',
    query: '?uid=other',
    want: [
      409,
      conflict(
        () =>
          `the UID in the precondition (other) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
      ),
    ],
  },
  {
    name: 'an empty policy in the query',
    query: '?propagationPolicy=',
    want: [
      422,
      invalid(
        'propagationPolicy: Unsupported value: "": supported values: "Foreground", "Background", "Orphan", "nil"',
      ),
    ],
  },
  {
    name: 'both ways to say orphan, the older without a value',
    query: '?orphanDependents&propagationPolicy=Orphan',
    want: [
      422,
      invalid(
        'propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set',
      ),
    ],
  },
  {
    name: 'an empty grace',
    query: '?gracePeriodSeconds=',
    want: [400, 'strconv.ParseInt: parsing "": invalid syntax'],
  },
  {
    name: 'a grace beyond 64 bits',
    query: '?gracePeriodSeconds=99999999999999999999',
    want: [400, 'strconv.ParseInt: parsing "99999999999999999999": value out of range'],
  },
  {
    name: 'a dry run of some other kind',
    body: { dryRun: ['All', 'Some'] },
    want: [422, invalid('dryRun: Unsupported value: ["All","Some"]: supported values: "All"')],
  },
];

for (const { name, body, query, want } of refusals)
  test(`a delete with ${name} is refused`, async () => {
    const answer = await remove(body, query);
    const message = typeof want[1] === 'string' ? want[1] : want[1]();
    assert.deepEqual([answer.code, answer.body.message], [want[0], message]);
    assert.equal((await api.ask(path)).code, 200);
  });

test('a conflict names the kind with its group, and for namespaces the resource', async () => {
  const labels = { a: 'b' };
  await api.client.create(Deployments, {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'a', image: 'a' }] } },
    },
  });
  const web = await remove({ preconditions: { uid: 'x' } }, '', '/apis/apps/v1/namespaces/default/deployments/web');
  assert.match(
    web.body.message,
    /^Operation cannot be fulfilled on Deployment.apps "web": the UID in the precondition/,
  );
  assert.deepEqual(web.body.details, { name: 'web', group: 'apps', kind: 'Deployment' });
  await api.client.create(Namespaces, { metadata: { name: 'team' }, spec: {} });
  const team = await remove({ preconditions: { uid: 'x' } }, '', '/api/v1/namespaces/team');
  assert.match(
    team.body.message,
    /^Operation cannot be fulfilled on namespaces "team": Precondition failed: UID in precondition: x/,
  );
});

test('dependents are orphaned by the older option, with or without a value', async () => {
  for (const value of ['', '=true', '=yes']) {
    const name = `orphan-${value.length}`;
    await api.client.create(ConfigMaps, { metadata: { name, namespace: 'default' } });
    const where = `/api/v1/namespaces/default/configmaps/${name}`;
    assert.equal((await remove(undefined, `?orphanDependents${value}`, where)).code, 200);
    assert.deepEqual((await api.ask(where)).body.metadata.finalizers, ['orphan']);
  }
});

test('a grace beyond the calendar ends with it, and can be shortened', async () => {
  const { client } = api;
  await client.create(Nodes, { metadata: { name: 'node' }, spec: {} });
  await client.create(ServiceAccounts, { metadata: { name: 'default', namespace: 'default' } });
  for (const [name, seconds] of [
    ['patient', 9_007_199_254_740_991],
    ['late', 1_000_000_000_000],
  ] as const) {
    const containers = [{ name: 'a', image: 'a' }];
    const spec = { containers, nodeName: 'node', terminationGracePeriodSeconds: seconds };
    await client.create(Pods, { metadata: { name, namespace: 'default' }, spec });
    const where = `/api/v1/namespaces/default/pods/${name}`;
    const first = await remove(undefined, '', where);
    assert.equal(first.code, 200, first.body.message);
    assert.equal(first.body.metadata.deletionTimestamp, '9999-12-31T23:59:59Z');
    assert.equal((await remove({ gracePeriodSeconds: 30 }, '', where)).code, 200);
    assert.equal((await remove({ gracePeriodSeconds: 0 }, '', where)).code, 200);
    assert.equal((await api.ask(where)).code, 404);
  }
});

const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'a', image: 'a' }] } };

test('who deletes a replication controller and says no more leaves its pods', async () => {
  const where = '/api/v1/namespaces/default/replicationcontrollers/rc';
  await api.client.create(ReplicationControllers, {
    metadata: { name: 'rc', namespace: 'default' },
    spec: { replicas: 0, template },
  });
  const { body } = await remove(undefined, '?dryRun=All&propagationPolicy=Background', where);
  assert.equal(body.status, 'Success');
  assert.equal((await remove(undefined, '', where)).code, 200);
  assert.deepEqual((await api.ask(where)).body.metadata.finalizers, ['orphan']);
  assert.equal((await remove(undefined, '', where)).code, 200);
  assert.deepEqual((await api.ask(where)).body.metadata.finalizers, ['orphan']);
});

test('who deletes a Job and says nothing of its pods is warned', async () => {
  const where = '/apis/batch/v1/namespaces/default/jobs';
  const spec = { template: { spec: { ...template.spec, restartPolicy: 'Never' } } };
  const made = await api.ask(where, { method: 'POST', body: { metadata: { name: 'job' }, spec } });
  assert.equal(made.code, 201);
  assert.equal(made.body.metadata.labels['batch.kubernetes.io/job-name'], 'job');
  for (const [body, isWarned] of [
    [undefined, true],
    [{ orphanDependents: true }, false],
    [{ propagationPolicy: 'Background' }, false],
  ] as const) {
    const { code, warnings } = await remove(body, '', `${where}/job`);
    assert.equal(code, 200);
    assert.equal(
      warnings.some((text) => text.startsWith('child pods are preserved by default')),
      isWarned,
    );
  }
});

test('of a Job with a name that is too long for labels is told in its template only', async () => {
  const body = {
    metadata: { name: 'a'.repeat(64) },
    spec: { template: { spec: { ...template.spec, restartPolicy: 'Never' } } },
  };
  const refusal = await api.ask('/apis/batch/v1/namespaces/default/jobs', { method: 'POST', body });
  const fields = (refusal.body.details.causes as { field: string }[]).map(({ field }) => field);
  assert.deepEqual(fields, ['spec.template.labels', 'spec.template.labels']);
});

test('a deleted quota is answered as it was', async () => {
  const where = '/api/v1/namespaces/default/resourcequotas';
  await api.ask(where, { method: 'POST', body: { metadata: { name: 'one' }, spec: { hard: { pods: '100' } } } });
  assert.equal((await remove(undefined, '', `${where}/one`)).body.kind, 'ResourceQuota');
});

test('an Event has no dependents, whatever its deletion says', async () => {
  const events = '/api/v1/namespaces/default/events';
  const body = { metadata: { name: 'one' }, involvedObject: { namespace: 'default' } };
  assert.equal((await api.ask(events, { method: 'POST', body })).code, 201);
  const answer = await remove({ propagationPolicy: 'Foreground' }, '', `${events}/one`);
  assert.deepEqual([answer.code, answer.body.status], [200, 'Success']);
  assert.equal((await api.ask(`${events}/one`)).code, 404);
});

test('who says that nothing is to be orphaned is told that it is not done yet', async () => {
  const where = '/api/v1/namespaces/default/configmaps/held';
  const metadata = { name: 'held', namespace: 'default', finalizers: ['example.com/hold'] };
  await api.client.create(ConfigMaps, { metadata });
  assert.equal((await remove({ orphanDependents: false }, '', where)).code, 202);
  assert.equal((await remove({ orphanDependents: false }, '', where)).code, 202);
  assert.equal((await remove(undefined, '', where)).code, 200);
});

test('of a pod that is ending, another delete can only bring the end nearer', async () => {
  // Times of objects have whole seconds.
  const clock = new VirtualClock(Math.floor(systemClock.now() / 1000) * 1000);
  await using later = await startHttpsApi({ clock });
  await later.client.create(ServiceAccounts, { metadata: { name: 'default', namespace: 'default' } });
  const spec = { ...template.spec, nodeName: 'one' };
  await later.client.create(Pods, { metadata: { name: 'web', namespace: 'default' }, spec });
  const begun = clock.now();
  const seconds = (time: string) => Math.round((Date.parse(time) - begun) / 1000);
  async function ended(query: string): Promise<unknown> {
    const { body } = await later.ask(`/api/v1/namespaces/default/pods/web${query}`, { method: 'DELETE' });
    const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = body.metadata;
    return [seconds(deletionTimestamp), deletionGracePeriodSeconds, finalizers];
  }
  assert.deepEqual(await ended('?gracePeriodSeconds=60'), [60, 60, undefined]);
  await clock.advance(10_000);
  assert.deepEqual(await ended('?propagationPolicy=Orphan'), [60, 60, undefined]);
  assert.deepEqual(await ended('?gracePeriodSeconds=90'), [60, 60, undefined]);
  assert.deepEqual(await ended('?gracePeriodSeconds=30'), [30, 30, undefined]);
  // Five seconds have passed already.
  assert.deepEqual(await ended('?gracePeriodSeconds=5'), [10, 1, undefined]);
});

test('a namespace that is ending has no grace', async () => {
  await api.client.create(Namespaces, { metadata: { name: 'ending' }, spec: {} });
  const { body } = await remove(undefined, '', '/api/v1/namespaces/ending');
  assert.ok(body.metadata.deletionTimestamp);
  assert.equal(body.metadata.deletionGracePeriodSeconds, undefined);
});
