import assert from 'node:assert/strict';
import { test } from 'node:test';
import facts from '../../../facts/metrics-apiserver.json' with { type: 'json' };
import { systemClock } from '../../base/system-clock.ts';
import { nextTurn } from '../../base/turn.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { MemoryStore } from '../../store/memory/memory-store.ts';
import { AdmissionTallies } from '../admission/admission-tallies.ts';
import { AccessTallies } from '../auth/access-tallies.ts';
import { hashOf } from '../auth/hash-of.ts';
import { MeasuredStore } from '../measured-store.ts';
import { accessMetrics } from './access-metrics.ts';
import { admissionMetrics } from './admission-metrics.ts';
import { Metrics } from './metrics.ts';
import { pieceBytes } from './piece-buffers.ts';
import { storeMetrics } from './store-metrics.ts';
import { PriorityLevel, Seats } from '../flow-control/priority-level.ts';
import { targetOf } from '../request/target.ts';

const pods = { group: '', resource: 'pods' };

const seats = new Seats(new VirtualClock());
const level = new PriorityLevel({ name: 'system', isExempt: true, nominal: 1, lower: 1, upper: 1 }, seats);
void level.enter('system-nodes', 'a', 1);

const gauges: ConstructorParameters<typeof Metrics>[1] = {
  objects: () => [[pods, 7, 700]],
  revision: () => 9,
  running: () => ({ mutating: 1, readOnly: 0 }),
  droppedEvents: () => [['default-scheduler', 4]],
  levels: () => [level],
  version: { major: '1', minor: '36', emulationMajor: '1', gitVersion: 'v1.36.3' },
};

function open(clock = new VirtualClock()): Metrics {
  return new Metrics(clock, gauges, ({ resource }) => resource === 'pods');
}

function count(metrics: Metrics, method: string, path: string, dryRun = '', code = 200): void {
  metrics.count(method, targetOf(method, `${path}?dryRun=${dryRun}`), code, metrics.now());
}

async function textOf(metrics: Metrics): Promise<string> {
  return Buffer.concat(await Array.fromAsync(metrics.pieces())).toString();
}

/** `name{labels} value` of the lines that start with a name. */
async function linesOf(metrics: Metrics, name: string): Promise<string[]> {
  return (await textOf(metrics)).split('\n').filter((line) => line.startsWith(`${name}{`));
}

test('what has a name of Kubernetes has its type and its labels', async () => {
  const clock = new VirtualClock();
  const store = new MeasuredStore(new MemoryStore({ clock }), clock);
  await store.txn('/registry/deployments.apps/default/a', 'absent', { put: new Uint8Array(8) });
  const access = new AccessTallies();
  access.tokenCache.hit();
  Object.assign(access.issuer('https://issuer'), { keySet: hashOf('keys') }).fetchedAt.success = 1;
  const admission = new AdmissionTallies(clock);
  void admission.timed({ name: 'Priority', validate() {} }).validate!({ operation: 'CREATE' } as never, {} as never);
  const more = [() => storeMetrics(store), () => accessMetrics(access), () => admissionMetrics(admission)];
  const metrics = new Metrics(clock, { ...gauges, more }, ({ resource }) => resource === 'pods');
  count(metrics, 'GET', '/api/v1/pods');
  const known: Record<string, string> = facts;
  const own = [...(await textOf(metrics)).matchAll(/^# TYPE (\S+) (\S+)$/gm)].filter(([, name]) => name! in known);
  assert.ok(own.length >= 20, String(own.length));
  const lines = (await textOf(metrics)).split('\n');
  for (const [, name, type] of own) {
    const shown = lines.filter((line) => new RegExp(`^${name}(_bucket|_sum|_count)?\\{`).test(line));
    const names = shown.flatMap((line) => [...line.matchAll(/[{,](\w+)="/g)].map(([, label]) => label!));
    const [wantedType = '', wanted = ''] = known[name!]!.split(' ');
    assert.deepEqual([name, type], [name, wantedType]);
    if (shown.length === 0) continue;
    assert.deepEqual(
      [name, ...[...new Set(names)].toSorted()],
      [name, ...wanted.split(',').toSorted()].filter((word) => word !== ''),
    );
  }
});

const requests: [method: string, path: string, dryRun: string, labels: string][] = [
  ['GET', '/api/v1/pods', '', 'verb="LIST",dry_run="",resource="pods",scope="cluster"'],
  ['GET', '/api/v1/namespaces/a/pods', '', 'verb="LIST",dry_run="",resource="pods",scope="namespace"'],
  ['GET', '/api/v1/namespaces/a/pods/b', '', 'verb="GET",dry_run="",resource="pods",scope="resource"'],
  ['POST', '/api/v1/namespaces/a/pods', 'All', 'verb="POST",dry_run="All",resource="pods",scope="resource"'],
  ['DELETE', '/api/v1/namespaces/a/pods', '', 'verb="DELETE",dry_run="",resource="pods",scope="namespace"'],
  ['PUT', '/api/v1/namespaces/a/pods/b', '', 'verb="PUT",dry_run="",resource="pods",scope="resource"'],
  ['PATCH', '/api/v1/namespaces/a/pods/b', '', 'verb="PATCH",dry_run="",resource="pods",scope="resource"'],
  ['GET', '/api/v1/watch/pods', '', 'verb="WATCH",dry_run="",resource="pods",scope="cluster"'],
  ['GET', '/api/v1/namespaces/a/pods/b/log', '', 'verb="CONNECT",dry_run="",subresource="log",scope="resource"'],
  ['OPTIONS', '/api/v1/namespaces/a/pods/b', '', 'verb="OTHER",dry_run="",resource="pods",scope="resource"'],
  ['GET', '/readyz', '', 'verb="GET",dry_run="",resource="",scope=""'],
];
for (const [method, path, dryRun, labels] of requests)
  test(`${method} ${path} counts as ${labels}`, async () => {
    const metrics = open();
    count(metrics, method, path, dryRun);
    const [line = ''] = await linesOf(metrics, 'apiserver_request_total');
    for (const label of [...labels.split(','), 'code="200"', 'component="apiserver"'])
      assert.ok(line.includes(label), line);
  });

test('names that clients make up take no memory', async () => {
  const metrics = open();
  for (let number = 0; number < 20; number++) {
    count(metrics, 'GET', `/api/v1/made-up-${number}`, '', 404);
    count(metrics, 'GET', '/api/v1/pods', `dry-${number}`);
    metrics.count(`METHOD${number}`, targetOf(`METHOD${number}`, '/'), 405, metrics.now());
  }
  assert.equal((await linesOf(metrics, 'apiserver_request_total')).length, 3);
});

test('requests under way are told by what they may change', async () => {
  const metrics = open();
  assert.deepEqual(await linesOf(metrics, 'apiserver_current_inflight_requests'), [
    'apiserver_current_inflight_requests{request_kind="mutating"} 1',
    'apiserver_current_inflight_requests{request_kind="readOnly"} 0',
  ]);
});

test('thousands of series are written in pieces, and in many turns of the event loop', async () => {
  const metrics = new Metrics(systemClock, gauges, () => true);
  for (let at = 0; at < 3000; at++) metrics.count('GET', targetOf('GET', `/api/v1/kind-${at}`), 200, metrics.now());
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns++;
    if (!isDone) void nextTurn().then(count);
  };
  void nextTurn().then(count);
  const pieces = await Array.fromAsync(metrics.pieces());
  isDone = true;
  assert.ok(pieces.length > 100 && pieces.every(({ length }) => length <= pieceBytes), `${pieces.length} pieces`);
  const text = Buffer.concat(pieces).toString();
  assert.equal(text.match(/^apiserver_request_total\{/gm)?.length, 3000);
  assert.equal(text.match(/^apiserver_request_duration_seconds_count\{/gm)?.length, 3000);
  assert.ok(turns > 2, `${turns} turns`);
});

test('times are counted below each bound', async () => {
  const clock = new VirtualClock();
  const metrics = open(clock);
  for (const ms of [1, 10, 100_000]) {
    const began = metrics.now();
    await clock.advance(ms);
    metrics.count('GET', targetOf('GET', '/api/v1/pods'), 200, began);
  }
  const all = (await textOf(metrics)).split('\n').filter((line) => line.startsWith('apiserver_request_duration'));
  const ending = (text: string) =>
    all
      .find((line) => line.includes(text))
      ?.split(' ')
      .at(-1);
  assert.deepEqual(['le="0.005"', 'le="0.025"', 'le="60"', 'le="+Inf"', '_count{', '_sum{'].map(ending), [
    '1',
    '2',
    '2',
    '3',
    '3',
    '100.011',
  ]);
});

test('an apply is a verb of its own', async () => {
  const metrics = open();
  metrics.count('PATCH', targetOf('PATCH', '/api/v1/namespaces/a/pods/b'), 200, metrics.now(), true);
  const [line = ''] = await linesOf(metrics, 'apiserver_request_total');
  assert.match(line, /verb="APPLY"/);
});

test('the histogram for service levels leaves dry runs out, and has the bounds that rules name', async () => {
  const metrics = open();
  count(metrics, 'GET', '/api/v1/pods');
  count(metrics, 'POST', '/api/v1/namespaces/a/pods', 'All');
  const lines = await linesOf(metrics, 'apiserver_request_sli_duration_seconds_bucket');
  for (const bound of ['1', '5', '30']) assert.equal(lines.filter((line) => line.includes(`le="${bound}"`)).length, 1);
  assert.ok(!lines.some((line) => line.includes('dry_run') || line.includes('POST')));
});

test('the version is told as Kubernetes tells it', async () => {
  const metrics = open();
  const [line = '', ...others] = await linesOf(metrics, 'kubernetes_build_info');
  assert.ok(line.startsWith('kubernetes_build_info{major="1",minor="36",git_version="v1.36.3",git_commit=""'), line);
  assert.ok(line.endsWith('} 1') && !line.includes('emulation'), line);
  assert.deepEqual(others, []);
});

test('events that were not written are counted by component, however often one asks', async () => {
  const metrics = open();
  const wanted = ['kubeling_events_dropped_total{component="default-scheduler"} 4'];
  assert.deepEqual(await linesOf(metrics, 'kubeling_events_dropped_total'), wanted);
  assert.deepEqual(await linesOf(metrics, 'kubeling_events_dropped_total'), wanted);
});
