import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMaps, Pods, Secrets, type Container, type Pod } from '../../../src/api/core/v1/types.ts';
import { oneNode } from './one-node.ts';
import { behaves, conditionsOf, image, pulled, remove, started, waitingOf, withoutCount } from './story.ts';

test('a first pod: from nothing, to running, to gone', async () => {
  await using cluster = await oneNode();
  const { clock, rows } = cluster;
  await cluster.createPod('web', { containers: [{ name: 'app', image }] });
  await clock.advance(3000);
  const { status } = (await cluster.pod('web'))!;
  assert.equal(status?.podIP, '10.244.1.2');
  assert.equal(status?.hostIP, '192.0.2.10');
  assert.deepEqual(conditionsOf(status), {
    PodReadyToStartContainers: 'True',
    Initialized: 'True',
    Ready: 'True',
    ContainersReady: 'True',
    PodScheduled: 'True',
  });
  await remove(cluster, 'web');
  await clock.advance(3000);
  assert.equal(await cluster.pod('web'), undefined);
  assert.deepEqual(rows, [
    'web Pending -',
    'web Pending app=ContainerCreating',
    'web Running app=running+',
    'web Running app=running+ leaving',
    'web Succeeded app=Completed leaving',
    'web deleted',
  ]);
  assert.deepEqual(await cluster.events('web'), [...started, 'Normal Killing Stopping container app']);
  assert.deepEqual([await cluster.runtime.listContainers(), await cluster.runtime.listSandboxes()], [[], []]);
});

test('a missing variable lets the sandbox come up, a missing volume nothing; both heal when it appears', async () => {
  await using cluster = await oneNode();
  const { clock, client, call } = cluster;
  const env = [{ name: 'DB_HOST', valueFrom: { configMapKeyRef: { name: 'settings', key: 'db-host' } } }];
  await cluster.createPod('env', { containers: [{ name: 'app', image, env }] });
  await cluster.createPod('files', {
    containers: [{ name: 'app', image, volumeMounts: [{ name: 'certificates', mountPath: '/certificates' }] }],
    volumes: [{ name: 'certificates', secret: { secretName: 'tls-files' } }],
  });
  await clock.advance(3000);
  assert.equal(await waitingOf(cluster, 'env'), 'CreateContainerConfigError: configmap "settings" not found');
  assert.equal(await waitingOf(cluster, 'files'), 'ContainerCreating');
  assert.deepEqual(await cluster.events('env'), [pulled, 'Warning Failed Error: configmap "settings" not found']);
  assert.deepEqual((await cluster.events('files')).map(withoutCount), [
    'Warning FailedMount MountVolume.SetUp failed for volume "certificates" : secret "tls-files" not found',
  ]);
  const ready = (status: Pod['status']) => conditionsOf(status)['PodReadyToStartContainers'];
  assert.deepEqual(
    [ready((await cluster.pod('env'))!.status), ready((await cluster.pod('files'))!.status)],
    ['True', 'False'],
  );

  const metadata = { name: 'settings', namespace: 'default' };
  await call(client.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { db_host: 'x' } }));
  await clock.advance(1000);
  assert.equal(
    await waitingOf(cluster, 'env'),
    "CreateContainerConfigError: couldn't find key db-host in ConfigMap default/settings",
  );
  await call(client.patch(ConfigMaps, metadata, { type: 'merge', body: { data: { 'db-host': 'postgres' } } }));
  await call(
    client.create(Secrets, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'tls-files', namespace: 'default' },
      data: { 'tls.crt': 'YWJj' },
    }),
  );
  await clock.advance(1000);
  assert.deepEqual(
    [(await cluster.pod('env'))!.status!.phase, (await cluster.pod('files'))!.status!.phase],
    ['Running', 'Running'],
  );
});

test('init containers go one after the other; one that fails is tried again, one that may not fails the pod', async () => {
  await using cluster = await oneNode();
  const { clock, rows } = cluster;
  const containers = [{ name: 'app', image }];
  const two = [
    { name: 'first', image },
    { name: 'second', image },
  ];
  await cluster.createPod(
    'patient',
    { initContainers: two, containers },
    behaves({ first: { exitAfterMs: 3000 }, second: { exitAfterMs: 3000 } }),
  );
  await clock.advance(10_000);
  assert.deepEqual(rows, [
    'patient Pending -',
    'patient Pending first=PodInitializing second=PodInitializing app=PodInitializing',
    'patient Pending first=running second=PodInitializing app=PodInitializing',
    'patient Pending first=Completed second=PodInitializing app=PodInitializing',
    'patient Pending first=Completed second=running app=PodInitializing',
    'patient Pending first=Completed second=Completed app=PodInitializing',
    'patient Running first=Completed second=Completed app=running+',
  ]);
  rows.length = 0;
  await cluster.createPod(
    'stuck',
    {
      initContainers: [
        { name: 'migrate', image },
        { name: 'never', image },
      ],
      containers,
    },
    behaves({ migrate: { exitAfterMs: 2000, exitCode: 1 } }),
  );
  await clock.advance(14_000);
  assert.deepEqual(rows.slice(1), [
    'stuck Pending migrate=PodInitializing never=PodInitializing app=PodInitializing',
    'stuck Pending migrate=running never=PodInitializing app=PodInitializing',
    'stuck Pending migrate=Error never=PodInitializing app=PodInitializing',
    'stuck Pending migrate=running#1 never=PodInitializing app=PodInitializing',
    'stuck Pending migrate=Error#1 never=PodInitializing app=PodInitializing',
    'stuck Pending migrate=CrashLoopBackOff#1 never=PodInitializing app=PodInitializing',
  ]);
  assert.equal(
    conditionsOf((await cluster.pod('stuck'))!.status)['Initialized'],
    'False ContainersNotInitialized containers with incomplete status: [migrate never]',
  );
  await cluster.createPod(
    'resigned',
    { restartPolicy: 'Never', initContainers: [{ name: 'migrate', image }], containers },
    behaves({ migrate: { exitAfterMs: 100, exitCode: 1 } }),
  );
  await clock.advance(3000);
  const { status } = (await cluster.pod('resigned'))!;
  assert.equal(status?.phase, 'Failed');
  assert.deepEqual(conditionsOf(status), {
    PodReadyToStartContainers: 'False',
    Initialized: 'False ContainersNotInitialized containers with incomplete status: [migrate]',
    Ready: 'False PodFailed',
    ContainersReady: 'False PodFailed',
    PodScheduled: 'True',
  });
});

test('a sidecar is up before the app starts, ends after it, and does not keep a pod from completing', async () => {
  await using cluster = await oneNode();
  const { clock, rows } = cluster;
  const probe = { exec: { command: ['cat', '/shared/proxy-is-up'] }, periodSeconds: 1, failureThreshold: 30 };
  const proxy: Container = { name: 'proxy', image, restartPolicy: 'Always', startupProbe: probe };
  await cluster.createPod(
    'web',
    { initContainers: [{ name: 'prepare', image }, proxy], containers: [{ name: 'app', image }] },
    behaves({ prepare: { exitAfterMs: 2000 }, proxy: { healthyAfterMs: 2500 }, app: { stopMs: 2000 } }),
  );
  await clock.advance(15_000);
  await remove(cluster, 'web');
  await clock.advance(5000);
  assert.deepEqual(rows, [
    'web Pending -',
    'web Pending prepare=PodInitializing proxy=PodInitializing app=PodInitializing',
    'web Pending prepare=running proxy=PodInitializing app=PodInitializing',
    'web Pending prepare=Completed proxy=PodInitializing app=PodInitializing',
    'web Pending prepare=Completed proxy=running app=PodInitializing',
    'web Pending prepare=Completed proxy=running+ app=PodInitializing',
    'web Running prepare=Completed proxy=running+ app=running+',
    'web Running prepare=Completed proxy=running+ app=running+ leaving',
    'web Running prepare=Completed proxy=running+ app=Completed leaving',
    'web Succeeded prepare=Completed proxy=Completed app=Completed leaving',
    'web deleted',
  ]);
  const shipper: Container = { name: 'shipper', image, restartPolicy: 'Always' };
  const spec = {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 1,
    initContainers: [shipper],
    containers: [{ name: 'work', image }],
  } as const;
  await cluster.createPod(
    'batch',
    structuredClone(spec) as unknown as Pod['spec'],
    behaves({ shipper: { ignoresTerm: true }, work: { exitAfterMs: 2000 } }),
  );
  await clock.advance(10_000);
  assert.equal(rows.at(-1), 'batch Succeeded shipper=Error work=Completed');
  assert.equal((await cluster.events('batch')).at(-1), 'Normal Killing Stopping container shipper');
});

test('a command that cannot be started', async () => {
  await using cluster = await oneNode();
  const startError = 'failed to create containerd task: exec: "nodejs": executable file not found in $PATH';
  await cluster.createPod('typo', { containers: [{ name: 'app', image }] }, behaves({ app: { startError } }));
  await cluster.clock.advance(3000);
  assert.deepEqual(cluster.rows.slice(2), [
    'typo Running app=RunContainerError',
    'typo Running app=RunContainerError#1',
    'typo Running app=CrashLoopBackOff#1',
  ]);
  await cluster.createPod(
    'script',
    { restartPolicy: 'Never', containers: [{ name: 'app', image }] },
    behaves({ app: { startError } }),
  );
  await cluster.clock.advance(3000);
  const { status } = (await cluster.pod('script'))!;
  assert.equal(status?.phase, 'Failed');
  assert.deepEqual(
    [
      status?.containerStatuses?.[0]?.state?.terminated?.reason,
      status?.containerStatuses?.[0]?.state?.terminated?.message,
    ],
    ['StartError', startError],
  );
  assert.deepEqual(await cluster.events('script'), [
    pulled,
    'Normal Created Container created',
    `Warning Failed Error: ${startError}`,
  ]);
});

test('a pod that does not fit is rejected', async () => {
  await using cluster = await oneNode();
  await cluster.createPod('big', { containers: [{ name: 'app', image, resources: { requests: { cpu: '4' } } }] });
  await cluster.createPod('elsewhere', { nodeSelector: { disk: 'fast' }, containers: [{ name: 'app', image }] });
  await cluster.clock.advance(1000);
  const told = async (name: string) => {
    const { phase, reason, message } = (await cluster.pod(name))!.status!;
    return [phase, reason, message];
  };
  assert.deepEqual(await told('big'), [
    'Failed',
    'OutOfcpu',
    "Pod was rejected: Node didn't have enough resource: cpu, requested: 4000, used: 0, capacity: 2000",
  ]);
  assert.deepEqual(await told('elsewhere'), [
    'Failed',
    'NodeAffinity',
    "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
  ]);
  assert.deepEqual(await cluster.events('elsewhere'), [
    "Warning NodeAffinity Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
  ]);
  assert.deepEqual(await cluster.runtime.listSandboxes(), []);
});

test('a kubelet that restarts finds its containers running and leaves them alone', async () => {
  await using cluster = await oneNode();
  const { clock, client, call, rows, runtime } = cluster;
  const readinessProbe = { httpGet: { path: '/health', port: 3000 }, initialDelaySeconds: 5, periodSeconds: 10 };
  await cluster.createPod('web', { containers: [{ name: 'app', image, readinessProbe }] });
  await cluster.createPod('orphan', { containers: [{ name: 'app', image }] });
  await clock.advance(20_000);
  const before = await runtime.listContainers();
  rows.length = 0;
  const restarting = cluster.restartKubelet();
  await restarting;
  await clock.advance(20_000);
  assert.deepEqual(await runtime.listContainers(), before);
  assert.deepEqual(rows, []);
  await call(client.delete(Pods, { namespace: 'default', name: 'web' }));
  await clock.advance(5000);
  assert.equal(await cluster.pod('web'), undefined);
});

test('a sandbox that dies is replaced, and its containers with it', async () => {
  await using cluster = await oneNode();
  const { clock, runtime } = cluster;
  await cluster.createPod(
    'web',
    { initContainers: [{ name: 'first', image }], containers: [{ name: 'app', image }] },
    behaves({ first: { exitAfterMs: 100 } }),
  );
  await clock.advance(3000);
  const [sandbox] = await runtime.listSandboxes();
  void runtime.stopSandbox(sandbox!.id);
  await clock.advance(40_000);
  const { status } = (await cluster.pod('web'))!;
  assert.equal(status?.phase, 'Running');
  assert.deepEqual(
    [status?.initContainerStatuses?.[0]?.restartCount, status?.containerStatuses?.[0]?.restartCount],
    [1, 1],
  );
  assert.equal((await runtime.listSandboxes()).filter(({ ready }) => ready).length, 1);
});
