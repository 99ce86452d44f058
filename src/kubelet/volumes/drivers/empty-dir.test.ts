import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failedSetUp, messages, setUpVolumes } from '../../testing/volumes.ts';
import type { VolumeDisk } from '../volume-disk.ts';

const media = [
  [
    'HugePages-2Mi',
    'medium HugePages-2Mi: hugePages storage requested, but there is no resource request for huge pages',
  ],
  ['Tape', 'unknown storage medium "Tape"'],
] as const;
for (const [medium, want] of media)
  test(`a medium that no node has: ${medium}`, async () => {
    const { volumes, pod } = setUpVolumes({ name: 'v', emptyDir: { medium } });
    assert.deepEqual(await messages(volumes.setUp(pod)), [failedSetUp('v', want)]);
  });

const sizes: { name: string; sizeLimit?: string; limits?: Record<string, string>; want: number }[] = [
  { name: 'its own limit', sizeLimit: '5Mi', limits: { memory: '8Mi' }, want: 5 },
  { name: "the pod's limit", sizeLimit: '16Mi', limits: { memory: '8Mi' }, want: 8 },
  { name: 'what all pods may use', sizeLimit: '1Gi', want: 64 },
  { name: 'what all pods may use, where nothing is said', want: 64 },
];
for (const { name, sizeLimit, limits = {}, want } of sizes)
  test(`a volume in memory is as large as ${name}`, async () => {
    const seen: (number | undefined)[] = [];
    const makeMemory: VolumeDisk['makeMemory'] = async (_place, _ownership, size) => {
      seen.push(size);
      return '/v';
    };
    const emptyDir = { medium: 'Memory', ...(sizeLimit !== undefined && { sizeLimit }) } as const;
    const { volumes, pod } = setUpVolumes({ name: 'v', emptyDir }, {}, { makeMemory });
    const [container] = pod.spec.containers;
    const spec = { ...pod.spec, containers: [{ ...container!, resources: { limits } }] };
    assert.deepEqual(await messages(volumes.setUp({ ...pod, spec })), []);
    assert.deepEqual(seen, [want * 2 ** 20]);
  });
