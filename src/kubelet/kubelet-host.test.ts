import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostOf } from './kubelet-host.ts';
import type { Kubelet } from './kubelet.ts';
import type { ContainerRuntime } from './runtime/runtime.ts';
import { makeContainer, makePod } from './testing/pods.ts';

test('a container or sandbox that is asked for by the uid of an earlier pod is not there', () => {
  const metadata = { name: 'web', namespace: 'default', uid: 'now' };
  const status = {
    containerStatuses: [
      {
        name: 'app',
        containerID: 'containerd://c',
        ready: true,
        image: '',
        imageID: '',
        restartCount: 0,
        state: { running: {} },
      },
    ],
  };
  const pod = { ...makePod({ containers: [makeContainer('app')] }, { metadata }), status };
  const observed = { sandboxes: [{ id: 's', ready: true }], containers: [{ id: 'c', name: 'app', logPath: '/l' }] };
  const kubelet = { pods: () => [pod], pod: () => pod, observed: () => observed } as unknown as Kubelet;
  const usage = () => assert.fail('nobody asks what is used');
  const host = hostOf({ nodeName: 'node', kubelet, runtime: {} as ContainerRuntime, usage });
  for (const uid of [undefined, 'now']) {
    assert.deepEqual(host.findContainer('default', 'web', 'app', false, uid), { containerId: 'c', logPath: '/l' });
    assert.equal(host.findSandbox('default', 'web', uid), 's');
  }
  assert.equal(host.findContainer('default', 'web', 'app', false, 'before'), 'pod "web" does not exist');
  assert.equal(host.findSandbox('default', 'web', 'before'), undefined);
});
