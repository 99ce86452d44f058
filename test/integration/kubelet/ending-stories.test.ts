import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pods } from '../../../src/api/core/v1/types.ts';
import { oneNode } from './one-node.ts';
import { behaves, conditionsOf, image, remove, started, withoutCount } from './story.ts';

test('a container that ends right after it starts is restarted at once, after 10 seconds, after 20', async () => {
  await using cluster = await oneNode();
  const { clock, rows } = cluster;
  await cluster.createPod(
    'crash',
    { containers: [{ name: 'app', image }] },
    behaves({ app: { exitAfterMs: 100, exitCode: 3 } }),
  );
  await clock.advance(70_000);
  assert.deepEqual(rows, [
    'crash Pending -',
    'crash Pending app=ContainerCreating',
    'crash Running app=running+',
    'crash Running app=Error',
    'crash Running app=running+#1',
    'crash Running app=Error#1',
    'crash Running app=CrashLoopBackOff#1',
    'crash Running app=running+#2',
    'crash Running app=Error#2',
    'crash Running app=CrashLoopBackOff#2',
    'crash Running app=running+#3',
    'crash Running app=Error#3',
    'crash Running app=CrashLoopBackOff#3',
  ]);
  const pod = (await cluster.pod('crash'))!;
  const who = `crash_default(${pod.metadata.uid})`;
  const [app] = pod.status!.containerStatuses!;
  assert.equal(app!.state?.waiting?.message, `back-off 40s restarting failed container=app pod=${who}`);
  assert.equal(app!.lastState?.terminated?.exitCode, 3);
  const events = await cluster.events('crash');
  assert.deepEqual(events.map(withoutCount), [
    ...started,
    `Warning BackOff Back-off restarting failed container app in pod ${who}`,
  ]);
  assert.ok((await cluster.runtime.listContainers()).length <= 2, 'old attempts are removed');
});

test('a pod that may not restart ends', async () => {
  await using cluster = await oneNode();
  await cluster.createPod(
    'once',
    { restartPolicy: 'Never', containers: [{ name: 'app', image }] },
    behaves({ app: { exitAfterMs: 100, exitCode: 3 } }),
  );
  await cluster.clock.advance(5000);
  const { status } = (await cluster.pod('once'))!;
  assert.equal(status?.phase, 'Failed');
  assert.deepEqual(conditionsOf(status), {
    PodReadyToStartContainers: 'False',
    Initialized: 'True',
    Ready: 'False PodFailed',
    ContainersReady: 'False PodFailed',
    PodScheduled: 'True',
  });
  assert.deepEqual(await cluster.events('once'), started);
});

test('a pod that ends politely, one that is deaf, one that is forced', async () => {
  await using cluster = await oneNode();
  const { clock, client, call, rows } = cluster;
  await cluster.createPod(
    'deaf',
    { terminationGracePeriodSeconds: 20, containers: [{ name: 'app', image }] },
    behaves({ app: { ignoresTerm: true } }),
  );
  await clock.advance(2000);
  await remove(cluster, 'deaf');
  await clock.advance(15_000);
  assert.equal((await cluster.pod('deaf'))?.status?.phase, 'Running');
  await clock.advance(6000);
  assert.deepEqual(rows.slice(-3), [
    'deaf Running app=running+ leaving',
    'deaf Failed app=Error leaving',
    'deaf deleted',
  ]);

  await cluster.createPod('victim', { containers: [{ name: 'app', image }] }, behaves({ app: { ignoresTerm: true } }));
  await clock.advance(2000);
  await remove(cluster, 'victim');
  await clock.advance(2000);
  await call(client.delete(Pods, { namespace: 'default', name: 'victim' }, { gracePeriodSeconds: 0 }));
  assert.equal(await cluster.pod('victim'), undefined);
  await clock.advance(5000);
  assert.deepEqual([await cluster.runtime.listContainers(), await cluster.runtime.listSandboxes()], [[], []]);
});

test('a hook runs before SIGTERM, and one that fails delays nothing', async () => {
  await using cluster = await oneNode();
  const { clock } = cluster;
  await cluster.createPod('hook', {
    containers: [{ name: 'app', image, lifecycle: { preStop: { sleep: { seconds: 3 } } } }],
  });
  await cluster.createPod(
    'bad-hook',
    { containers: [{ name: 'app', image, lifecycle: { preStop: { exec: { command: ['false'] } } } }] },
    behaves({ app: { healthyAfterMs: 1e9 } }),
  );
  await clock.advance(2000);
  await remove(cluster, 'hook');
  await remove(cluster, 'bad-hook');
  await clock.advance(2500);
  assert.deepEqual([(await cluster.pod('hook'))?.status?.phase, await cluster.pod('bad-hook')], ['Running', undefined]);
  await clock.advance(1500);
  assert.equal(await cluster.pod('hook'), undefined);
  assert.deepEqual((await cluster.events('bad-hook')).slice(-2), [
    'Normal Killing Stopping container app',
    'Warning FailedPreStopHook PreStopHook failed',
  ]);
});

test('a pod that is active for too long fails', async () => {
  await using cluster = await oneNode();
  await cluster.createPod('late', { activeDeadlineSeconds: 10, containers: [{ name: 'app', image }] });
  await cluster.clock.advance(15_000);
  const { status } = (await cluster.pod('late'))!;
  assert.deepEqual(
    [status?.phase, status?.reason, status?.message],
    ['Failed', 'DeadlineExceeded', 'Pod was active on the node longer than the specified deadline'],
  );
});
