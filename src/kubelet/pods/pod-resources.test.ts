import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerResizePolicy, ResourceRequirements } from '../../api/core/v1/types.ts';
import { makeContainer, makePod } from '../testing/pods.ts';
import { containersOf } from './pod-containers.ts';
import { haveSameResources, resizeOf, withResourcesOf, type ContainerResize } from './pod-resources.ts';

const some: ResourceRequirements = { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '64Mi' } };
const restarts = (resourceName: string): ContainerResizePolicy[] => [
  { resourceName, restartPolicy: 'RestartContainer' },
];

const rows: {
  name: string;
  wanted: ResourceRequirements | undefined;
  policy?: ContainerResizePolicy[];
  want: ContainerResize;
}[] = [
  { name: 'the same', wanted: some, want: 'none' },
  {
    name: 'the same, written otherwise',
    wanted: { requests: { cpu: '0.1', memory: '65536Ki' }, limits: { memory: '67108864' } },
    want: 'none',
  },
  { name: 'the same and a device', wanted: { ...some, limits: { ...some.limits, 'a.b/c': '1' } }, want: 'none' },
  { name: 'more CPU', wanted: { ...some, requests: { cpu: '200m', memory: '64Mi' } }, want: 'in-place' },
  { name: 'a limit that was not there', wanted: { ...some, limits: { cpu: '1', memory: '64Mi' } }, want: 'in-place' },
  {
    name: 'more CPU where memory takes a restart',
    wanted: { ...some, requests: { cpu: '200m', memory: '64Mi' } },
    policy: restarts('memory'),
    want: 'in-place',
  },
  { name: 'more memory', wanted: { ...some, limits: { memory: '1Gi' } }, policy: restarts('memory'), want: 'restart' },
];
for (const { name, wanted, policy, want } of rows)
  test(`a container that is to have ${name}`, () => {
    const spec = makeContainer('app', {
      ...(wanted && { resources: wanted }),
      ...(policy && { resizePolicy: policy }),
    });
    const pod = makePod({ containers: [spec] });
    assert.equal(resizeOf(containersOf(pod)[0]!, some), want);
    assert.equal(resizeOf(containersOf(pod)[0]!, undefined), 'none');
    const before = makePod({ containers: [makeContainer('app', { resources: some })] });
    assert.equal(haveSameResources(before, pod), want === 'none');
    assert.equal(haveSameResources(withResourcesOf(pod, before), before), true);
  });

test('a pod takes its resources from another form of it, and keeps all else', () => {
  const pod = makePod({ containers: [makeContainer('app', { image: 'image:v2', resources: {} }), makeContainer('b')] });
  const before = makePod({ containers: [makeContainer('app', { resources: some })], resources: some });
  assert.deepEqual(withResourcesOf(pod, before).spec, {
    containers: [makeContainer('app', { image: 'image:v2', resources: some }), makeContainer('b')],
    resources: some,
  });
});
