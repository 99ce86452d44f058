import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RuntimeClasses } from '../../../src/api/node/v1/types.ts';
import type { ContainerConfig, SandboxConfig } from '../../../src/kubelet/runtime/runtime.ts';
import { oneNode, type OneNode } from './one-node.ts';

const containers = [{ name: 'app', image: 'app:v1' }];

/** What the runtime is asked to run. */
function asked({ runtime }: OneNode): { sandboxes: SandboxConfig[]; containers: ContainerConfig[] } {
  const seen = { sandboxes: [] as SandboxConfig[], containers: [] as ContainerConfig[] };
  const { runSandbox, createContainer } = runtime;
  runtime.runSandbox = (config) => {
    seen.sandboxes.push(config);
    return runSandbox.call(runtime, config);
  };
  runtime.createContainer = (id, config) => {
    seen.containers.push(config);
    return createContainer.call(runtime, id, config);
  };
  return seen;
}

test('a pod runs by the handler of its RuntimeClass, and not at all once the class is gone', async () => {
  await using cluster = await oneNode();
  const { call, client, clock, runtime } = cluster;
  const { sandboxes } = asked(cluster);
  await call(client.create(RuntimeClasses, { metadata: { name: 'boxed' }, handler: 'runsc' }));
  await cluster.createPod('boxed', { containers, runtimeClassName: 'boxed' });
  await cluster.createPod('plain', { containers });
  await clock.advance(3000);
  const handlers = sandboxes.map(({ pod, runtimeHandler }) => `${pod.name} ${runtimeHandler}`);
  assert.deepEqual(handlers.sort(), ['boxed runsc', 'plain ']);
  await call(client.delete(RuntimeClasses, { name: 'boxed' }));
  const [sandbox] = (await runtime.listSandboxes()).filter(({ pod }) => pod.name === 'boxed');
  void runtime.stopSandbox(sandbox!.id);
  await clock.advance(5000);
  assert.equal(sandboxes.length, 2);
  const told = (await cluster.events('boxed')).filter((event) => event.includes('FailedCreatePodSandBox'));
  assert.match(
    told[0] ?? '',
    /^Warning FailedCreatePodSandBox Failed to create pod sandbox: runtimeclass.node.k8s.io "boxed" not found/,
  );
});

test('a pod that wants users of its own does not run as those of the host', async () => {
  await using cluster = await oneNode();
  const { sandboxes } = asked(cluster);
  await cluster.createPod('alone', { containers, hostUsers: false });
  await cluster.createPod('shared', { containers, hostUsers: true });
  await cluster.clock.advance(500);
  assert.deepEqual(
    sandboxes.map(({ pod }) => pod.name),
    ['shared'],
  );
  assert.deepEqual(await cluster.events('alone'), [
    "Warning FailedCreatePodSandBox Failed to create pod sandbox: can't set `spec.hostUsers: false`, runtime does not support user namespaces",
  ]);
});

test('the runtime is told the profile of AppArmor: that of the container, or else of the pod', async () => {
  await using cluster = await oneNode();
  const seen = asked(cluster);
  const appArmorProfile = { type: 'Localhost', localhostProfile: 'mine' } as const;
  await cluster.createPod('confined', {
    securityContext: { appArmorProfile: { type: 'RuntimeDefault' } },
    containers: [...containers, { name: 'own', image: 'app:v1', securityContext: { appArmorProfile } }],
  });
  await cluster.createPod('plain', { containers });
  await cluster.clock.advance(3000);
  const profiles = seen.containers.map(({ name, security }) => `${name} ${security.appArmor}`);
  assert.deepEqual(profiles.sort(), ['app runtime/default', 'app undefined', 'own localhost/mine']);
});

test('a hook that the node cannot run fails its container', async () => {
  await using cluster = await oneNode();
  const lifecycle = { postStart: { tcpSocket: { port: 80 } } };
  await cluster.createPod('hooked', { containers: [{ ...containers[0]!, lifecycle }] });
  await cluster.clock.advance(3000);
  const told = await cluster.events('hooked');
  assert.match(told.join('\n'), /^Warning FailedPostStartHook PostStartHook failed/m);
});
