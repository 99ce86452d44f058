import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Nodes, Pods, type Node, type Pod, type PodCondition } from '../../api/core/v1/types.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { refused } from '../../apimachinery/status.ts';
import { SmallCluster } from '../../reconciler/testing/small-cluster.ts';
import { podGarbageCollector } from './pod-garbage-collector.ts';

/** The calls that change something within two minutes, with these objects there. */
async function callsWith(
  pods: readonly Pod[],
  nodes: readonly Node[],
  refuses?: string,
  onPatch: (patch: Pod) => void = () => {},
): Promise<string[]> {
  await using cluster = new SmallCluster();
  const { client, server, clock } = cluster;
  const make = (type: typeof Pods | typeof Nodes, objects: readonly KubeObject[]) =>
    Promise.all(objects.map((object) => client.create(type as typeof Pods, object as Pod)));
  await make(Pods, pods);
  await make(Nodes, nodes);
  server.check = ({ verb, name, body }) => {
    if (verb === 'patch' && name === refuses) throw refused.forbidden(Pods, name!, 'not now');
    if (verb === 'patch') onPatch(body as Pod);
  };
  server.calls.length = 0;
  cluster.start(podGarbageCollector());
  await clock.advance(120_000);
  return [...new Set(server.calls.filter((call) => !call.startsWith('get ')))];
}

const deletionTimestamp = '2026-01-01T00:00:00Z';
const pod = (name: string, nodeName?: string, more: object = {}): Pod => ({
  metadata: { name, namespace: 'default', ...more },
  spec: { containers: [], ...(nodeName && { nodeName }) },
  status: { phase: 'Running' },
});
const node = (name: string, ready: 'True' | 'Unknown', key?: string): Node => ({
  metadata: { name },
  spec: key === undefined ? {} : { taints: [{ key, effect: 'NoExecute' }] },
  status: { conditions: [{ type: 'Ready', status: ready }] },
});

test('a pod that may not be changed does not keep others of a lost node', async () => {
  assert.deepEqual(await callsWith([pod('a', 'n'), pod('b', 'n'), pod('c', 'n')], [], 'b'), [
    'patch pods/status default/a',
    'delete pods default/a',
    'patch pods/status default/c',
    'delete pods default/c',
  ]);
});

test('pods that are going leave a node that is out of service, unless it has come back', async () => {
  const out = 'node.kubernetes.io/out-of-service';
  const pods = ['off', 'on', 'silent'].flatMap((name) => [
    pod(`${name}-going`, name, { deletionTimestamp, finalizers: ['example.com/look'] }),
    pod(`${name}-staying`, name),
  ]);
  const nodes = [node('off', 'Unknown', out), node('on', 'True', out), node('silent', 'Unknown')];
  assert.deepEqual(await callsWith(pods, nodes), [
    'patch pods/status default/off-going',
    'delete pods default/off-going',
  ]);
});

test('a pod that was deleted before it got a node goes', async () => {
  const pods = [pod('a', undefined, { deletionTimestamp, finalizers: ['example.com/look'] }), pod('b')];
  assert.deepEqual(await callsWith(pods, []), ['patch pods/status default/a', 'delete pods default/a']);
});

test('a pod of a lost node says why it goes, and of which generation', async () => {
  const patches: Pod[] = [];
  await callsWith([pod('a', 'n')], [], undefined, (patch) => patches.push(patch));
  const { phase, observedGeneration, conditions } = patches[0]!.status!;
  const [{ lastTransitionTime: _, ...condition }] = conditions as [PodCondition];
  assert.deepEqual([phase, observedGeneration], ['Failed', 1]);
  assert.deepEqual(condition, {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByPodGC',
    message: 'PodGC: node no longer exists',
    observedGeneration: 1,
  });
});
