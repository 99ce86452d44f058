import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneNode } from './one-node.ts';
import { behaves, conditionsOf, image, started, withoutCount } from './story.ts';

test('a liveness probe that fails restarts the container', async () => {
  await using cluster = await oneNode();
  const { clock } = cluster;
  const livenessProbe = {
    httpGet: { path: '/health', port: 3000 },
    initialDelaySeconds: 2,
    periodSeconds: 1,
    failureThreshold: 3,
  };
  await cluster.createPod(
    'web',
    { containers: [{ name: 'app', image, livenessProbe }] },
    behaves({ app: [{ unhealthyAfterMs: 5000 }, {}] }),
  );
  await clock.advance(20_000);
  const [app] = (await cluster.pod('web'))!.status!.containerStatuses!;
  assert.deepEqual([app!.restartCount, app!.ready, app!.lastState?.terminated?.reason], [1, true, 'Completed']);
  assert.deepEqual((await cluster.events('web')).map(withoutCount), [
    ...started,
    'Warning Unhealthy Liveness probe failed: HTTP probe failed with statuscode: 500',
    'Normal Killing Container app failed liveness probe, will be restarted',
  ]);
});

test('a readiness probe takes a pod out and lets it in', async () => {
  await using cluster = await oneNode();
  const { clock, rows } = cluster;
  const readinessProbe = { httpGet: { path: '/health', port: 3000 }, periodSeconds: 1, failureThreshold: 2 };
  await cluster.createPod(
    'web',
    { containers: [{ name: 'app', image, readinessProbe }] },
    behaves({ app: { healthyAfterMs: 1500, unhealthyAfterMs: 5000 } }),
  );
  await clock.advance(10_000);
  assert.deepEqual(rows.slice(2), ['web Running app=running', 'web Running app=running+', 'web Running app=running']);
  assert.equal(
    conditionsOf((await cluster.pod('web'))!.status)['Ready'],
    'False ContainersNotReady containers with unready status: [app]',
  );
});

test('a startup probe holds the liveness probe back, and gives up on a container that never starts', async () => {
  await using cluster = await oneNode();
  const probe = { httpGet: { path: '/health', port: 3000 }, periodSeconds: 1 };
  const slow = {
    name: 'app',
    image,
    startupProbe: { ...probe, failureThreshold: 60 },
    livenessProbe: { ...probe, failureThreshold: 1 },
  };
  await cluster.createPod('slow', { containers: [slow] }, behaves({ app: { healthyAfterMs: 8000 } }));
  const stuck = { name: 'app', image, startupProbe: { ...probe, failureThreshold: 3 } };
  await cluster.createPod('stuck', { containers: [stuck] }, behaves({ app: { healthyAfterMs: 1e9 } }));
  await cluster.clock.advance(12_000);
  const { uid } = (await cluster.pod('stuck'))!.metadata;
  assert.deepEqual((await cluster.events('stuck')).map(withoutCount), [
    ...started,
    'Warning Unhealthy Startup probe failed: HTTP probe failed with statuscode: 500',
    'Normal Killing Container app failed startup probe, will be restarted',
    `Warning BackOff Back-off restarting failed container app in pod stuck_default(${uid})`,
  ]);
  const [again] = (await cluster.pod('stuck'))!.status!.containerStatuses!;
  assert.deepEqual([again!.restartCount, again!.state?.waiting?.reason], [2, 'CrashLoopBackOff']);
  const [app] = (await cluster.pod('slow'))!.status!.containerStatuses!;
  assert.deepEqual([app!.started, app!.ready, app!.restartCount], [true, true, 0]);
});
