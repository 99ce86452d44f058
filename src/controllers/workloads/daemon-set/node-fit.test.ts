import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, PodSpec } from '../../../api/core/v1/types.ts';
import { daemonPod, isUpToDate, targetNode } from './daemon-pod.ts';
import { nodeFitOf } from './node-fit.ts';
import { daemonSetOf, nodeOf } from './testing.ts';

const taint = (key: string, effect: 'NoSchedule' | 'NoExecute') => ({ taints: [{ key, effect }] });
const zone = (values: string[]): Partial<PodSpec> => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values }] }],
      },
    },
  },
});

const cases: readonly { name: string; pod?: Partial<PodSpec>; node: Node; want: string }[] = [
  { name: 'any', node: nodeOf('n'), want: 'run keep' },
  { name: 'another name', pod: { nodeName: 'm' }, node: nodeOf('n'), want: '' },
  { name: 'a label that it has not', pod: { nodeSelector: { disk: 'ssd' } }, node: nodeOf('n'), want: '' },
  { name: 'another zone', pod: zone(['a']), node: nodeOf('n', {}, { zone: 'b' }), want: '' },
  { name: 'the zone', pod: zone(['a', 'b']), node: nodeOf('n', {}, { zone: 'b' }), want: 'run keep' },
  { name: 'a taint against new pods', node: nodeOf('n', taint('only', 'NoSchedule')), want: 'keep' },
  { name: 'a taint against all', node: nodeOf('n', taint('only', 'NoExecute')), want: '' },
  {
    name: 'a taint that is tolerated',
    pod: { tolerations: [{ key: 'only', operator: 'Exists' }] },
    node: nodeOf('n', taint('only', 'NoExecute')),
    want: 'run keep',
  },
  {
    name: 'one that is closed',
    node: nodeOf('n', taint('node.kubernetes.io/unschedulable', 'NoSchedule')),
    want: 'run keep',
  },
  {
    name: 'one that is lost',
    node: nodeOf('n', taint('node.kubernetes.io/unreachable', 'NoExecute')),
    want: 'run keep',
  },
  {
    name: 'one without network',
    node: nodeOf('n', taint('node.kubernetes.io/network-unavailable', 'NoSchedule')),
    want: 'keep',
  },
  {
    name: 'one without network, for who brings it',
    pod: { hostNetwork: true },
    node: nodeOf('n', taint('node.kubernetes.io/network-unavailable', 'NoSchedule')),
    want: 'run keep',
  },
];

for (const { name, pod, node, want } of cases) {
  test(`nodes that fit: ${name}`, () => {
    const { run, keep } = nodeFitOf(daemonSetOf(pod))(node);
    assert.equal([run ? 'run' : '', keep ? 'keep' : ''].filter(Boolean).join(' '), want);
  });
}

test('a pod names its node in place of what the template requires, and keeps what it prefers', () => {
  const preferred = [{ weight: 1, preference: { matchExpressions: [{ key: 'disk', operator: 'Exists' as const }] } }];
  const template = zone(['a']);
  template.affinity!.nodeAffinity!.preferredDuringSchedulingIgnoredDuringExecution = preferred;
  template.tolerations = [
    { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 },
  ];
  const set = daemonSetOf(template);
  set.metadata.annotations = { 'deprecated.daemonset.template.generation': '3' };
  const pod = daemonPod(set, 'n', 'h');
  assert.equal(targetNode(pod), 'n');
  assert.deepEqual(pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution, preferred);
  assert.deepEqual(pod.metadata.labels, { app: 'a', 'pod-template-generation': '3', 'controller-revision-hash': 'h' });
  assert.deepEqual(
    pod.spec.tolerations?.map(({ key, tolerationSeconds }) => [key!.split('/')[1], tolerationSeconds]),
    ['not-ready', 'unreachable', 'disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable'].map((key) => [
      key,
      undefined,
    ]),
  );
  assert.deepEqual(
    ['h', 'other'].map((hash) => isUpToDate(pod, set, hash)),
    [true, true],
  );
});
