import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMaps, Pods, Secrets, type Container, type Pod } from '../../../src/api/core/v1/types.ts';
import type { SimulatedBehaviour } from '../../../src/kubelet/runtime/simulated/behaviour.ts';
import { oneNode, type OneNode } from './one-node.ts';

const image = 'my-registry/my-app:v1';
const pulled = `Normal Pulled Container image "${image}" already present on machine and can be accessed by the pod`;
const started = [pulled, 'Normal Created Container created', 'Normal Started Container started'];

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

test('a container that ends right after it starts is restarted at once, after 10 seconds, after 20', async () => {
  await using cluster = await oneNode();
  const { clock, rows } = cluster;
  await cluster.createPod(
    'crash',
    { containers: [{ name: 'app', image }] },
    behaves({ app: { exitAfterMs: 100, exitCode: 3 } }),
  );
  await clock.advance(40_000);
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

test('images that cannot be had say why, and a repaired name heals the pod', async () => {
  await using cluster = await oneNode();
  const { clock, client, call, rows } = cluster;
  await cluster.createPod('typo', { containers: [{ name: 'app', image: 'registry.invalid/my-app:v9' }] });
  await clock.advance(8000);
  const waiting = (await cluster.pod('typo'))!.status!.containerStatuses![0]!.state!.waiting!;
  assert.match(waiting.message!, /^Back-off pulling image "registry.invalid\/my-app:v9": ErrImagePull: failed to pull/);
  const refusal =
    'failed to pull and unpack image "registry.invalid/my-app:v9": failed to resolve reference "registry.invalid/my-app:v9": dial tcp: lookup registry.invalid: no such host';
  assert.deepEqual(await cluster.events('typo'), [
    'Normal Pulling Pulling image "registry.invalid/my-app:v9"',
    `Warning Failed Failed to pull image "registry.invalid/my-app:v9": ${refusal}`,
    'Warning Failed Error: ErrImagePull',
    'Normal BackOff Back-off pulling image "registry.invalid/my-app:v9"',
    'Warning Failed Error: ImagePullBackOff',
  ]);
  const body = { spec: { containers: [{ name: 'app', image }] } };
  await call(client.patch(Pods, { namespace: 'default', name: 'typo' }, { type: 'strategic', body }));
  await clock.advance(1000);
  assert.deepEqual(rows, [
    'typo Pending -',
    'typo Pending app=ContainerCreating',
    'typo Pending app=ErrImagePull',
    'typo Pending app=ImagePullBackOff',
    'typo Pending app=ContainerCreating',
    'typo Running app=running+',
  ]);
});

test('an image as a volume is pulled once for the pod, and keeps its container waiting', async () => {
  await using cluster = await oneNode();
  const { clock, client, call, runtime } = cluster;
  const volumeMounts = [{ name: 'data', mountPath: '/data' }];
  const app = { name: 'app', image, volumeMounts };
  const volumes = [
    { name: 'data', image: { reference: 'data:latest' } },
    { name: 'unused', image: { reference: 'registry.invalid/unused:v1' } },
  ];
  await cluster.createPod('reader', { containers: [app, { ...app, name: 'other' }], volumes });
  await clock.advance(4000);
  const pod = (await cluster.pod('reader'))!;
  assert.equal(pod.status!.phase, 'Running');
  assert.equal(pod.spec.volumes![0]!.image!.pullPolicy, 'Always');
  const mounted = { name: 'data', mountPath: '/data' };
  assert.deepEqual(pod.status!.containerStatuses![0]!.volumeMounts, [mounted]);
  assert.deepEqual((await cluster.events('reader')).slice(0, 3), [
    'Normal Pulling Pulling image "data:latest"',
    'Normal Pulled Successfully pulled image "data:latest" in 1s (1s including waiting). Image size: 10000000 bytes.',
    `Normal Pulled Container image "${image}" already present on machine and can be accessed by the pod`,
  ]);
  assert.deepEqual(await runtime.imageHolders(), [pod.metadata.uid]);
  await call(client.delete(Pods, { namespace: 'default', name: 'reader' }));
  await clock.advance(2000);
  assert.deepEqual(await runtime.imageHolders(), []);

  const reference = 'registry.invalid/data:v1';
  await cluster.createPod('typo', { containers: [app], volumes: [{ name: 'data', image: { reference } }] });
  await clock.advance(8000);
  const { waiting } = (await cluster.pod('typo'))!.status!.containerStatuses![0]!.state!;
  assert.equal(waiting!.reason, 'ImagePullBackOff');
  assert.match(waiting!.message!, /^Back-off pulling image "registry.invalid\/data:v1": ErrImagePull: failed to pull/);
  const told = (await cluster.events('typo')).map((event) => event.split(' ').slice(0, 4).join(' '));
  assert.deepEqual(told, [
    'Normal Pulling Pulling image',
    'Warning Failed Failed to',
    'Warning Failed Error: ErrImagePull',
    'Normal BackOff Back-off pulling',
    'Warning Failed Error: ImagePullBackOff',
  ]);
});

test('an image that is held for nobody is let go of, when the runtime answers again', async () => {
  await using cluster = await oneNode();
  const { clock, runtime } = cluster;
  await runtime.holdImage((await runtime.imageStatus(image))!.id, { podUid: 'gone', volume: 'data' });
  const answer = runtime.imageHolders.bind(runtime);
  runtime.imageHolders = () => Promise.reject(new Error('no connection'));
  await clock.advance(61_000);
  assert.deepEqual(await answer(), ['gone']);
  runtime.imageHolders = answer;
  await clock.advance(61_000);
  assert.deepEqual(await answer(), []);
});

test('an image that must not be pulled, and one that is no name', async () => {
  await using cluster = await oneNode();
  await cluster.createPod('offline', {
    containers: [{ name: 'app', image: 'registry.invalid/x:v9', imagePullPolicy: 'Never' }],
  });
  await cluster.createPod('nonsense', { containers: [{ name: 'app', image: 'My App' }] });
  await cluster.clock.advance(2000);
  const no = 'Container image "registry.invalid/x:v9" is not present with pull policy of Never';
  assert.deepEqual(await waitingOf(cluster, 'offline'), `ErrImageNeverPull: ${no}`);
  assert.deepEqual(await cluster.events('offline'), [
    `Warning ErrImageNeverPull ${no}`,
    'Warning Failed Error: ErrImageNeverPull',
  ]);
  const bad = `Failed to apply default image tag "My App": couldn't parse image name "My App": invalid reference format: repository name (library/My App) must be lowercase`;
  assert.deepEqual(await waitingOf(cluster, 'nonsense'), `InvalidImageName: ${bad}`);
  assert.deepEqual(await cluster.events('nonsense'), [
    `Warning InspectFailed ${bad}`,
    'Warning Failed Error: InvalidImageName',
  ]);
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
  await clock.advance(8000);
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
  await cluster.clock.advance(5000);
  const { uid } = (await cluster.pod('stuck'))!.metadata;
  assert.deepEqual((await cluster.events('stuck')).map(withoutCount), [
    ...started,
    'Warning Unhealthy Startup probe failed: HTTP probe failed with statuscode: 500',
    'Normal Killing Container app failed startup probe, will be restarted',
    `Warning BackOff Back-off restarting failed container app in pod stuck_default(${uid})`,
  ]);
  await cluster.clock.advance(7000);
  const [app] = (await cluster.pod('slow'))!.status!.containerStatuses!;
  assert.deepEqual([app!.started, app!.ready, app!.restartCount], [true, true, 0]);
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

function behaves(containers: Record<string, SimulatedBehaviour | SimulatedBehaviour[]>): Partial<Pod['metadata']> {
  const entries = Object.entries(containers).map(([name, one]) => [
    `simulated.kubeling.dev/${name}`,
    JSON.stringify(one),
  ]);
  return { annotations: Object.fromEntries(entries) };
}

function conditionsOf(status: Pod['status']): Record<string, string> {
  return Object.fromEntries(
    (status?.conditions ?? []).map((one) => [
      one.type,
      [one.status, one.reason, one.message].filter(Boolean).join(' '),
    ]),
  );
}

async function waitingOf(cluster: OneNode, name: string): Promise<string> {
  const { reason, message } = (await cluster.pod(name))!.status!.containerStatuses![0]!.state!.waiting!;
  return message === undefined ? reason! : `${reason}: ${message}`;
}

function remove({ client, call }: OneNode, name: string): Promise<void> {
  return call(client.delete(Pods, { namespace: 'default', name }));
}

function withoutCount(event: string): string {
  return event.replace(/ \(x\d+\)$/, '');
}
