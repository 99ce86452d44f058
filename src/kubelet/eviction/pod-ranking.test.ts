import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeContainer, makePod } from '../testing/pods.ts';
import { evictionMessage, rankForEviction, type PodConsumption } from './pod-ranking.ts';
import type { StarvedResource } from './thresholds.ts';

const mebibyte = 2 ** 20;

function pod(name: string, used: number | undefined, request?: string, priority?: number): PodConsumption {
  const requests = { memory: request ?? '0', 'ephemeral-storage': request ?? '0' };
  const spec = {
    ...(priority !== undefined && { priority }),
    containers: [makeContainer('app', { resources: { requests } })],
  };
  return { pod: makePod(spec, { metadata: { name } }), used, containers: new Map([['app', used ?? 0]]) };
}

const all = [
  pod('within', 90 * mebibyte, '100Mi'),
  pod('within-less-urgent', 1, '100Mi', -5),
  pod('over', 110 * mebibyte, '100Mi'),
  pod('over-by-more', 60 * mebibyte),
  pod('over-important', 900 * mebibyte, '1Mi', 1000),
];
const unknown = pod('unknown', undefined, '100Mi', 2000);
const byUse = ['over-by-more', 'over', 'over-important', 'within-less-urgent', 'within'];
const rows: [StarvedResource, PodConsumption[], string[]][] = [
  ['memory', all, byUse],
  ['ephemeral-storage', all, byUse],
  ['memory', [...all, unknown], ['unknown', ...byUse]],
  ['inodes', [pod('a', 5), pod('b', 7)], ['b', 'a']],
  ['pids', [pod('new', undefined, '0', 1), pod('few', 3)], ['few', 'new']],
  ['pids', [pod('many', 900, '0', 1), pod('few', 3), pod('most', 800)], ['most', 'few', 'many']],
];
for (const [resource, pods, want] of rows)
  test(`who goes first where ${resource} is short: ${want.join(', ')}`, () => {
    assert.deepEqual(
      rankForEviction(pods, resource).map((one) => one.pod.metadata.name),
      want,
    );
  });

const low = 'The node was low on resource:';
const met = (resource: StarvedResource) => ({
  signal: 'memory.available' as const,
  condition: 'MemoryPressure' as const,
  resource,
  threshold: 100 * mebibyte,
  available: 50_360 * 1024,
});

test('an evicted pod is told what it had, of each container that had more than it asked for', () => {
  const requests = { memory: '100Mi' };
  const containers = [makeContainer('a'), makeContainer('b', { resources: { requests } }), makeContainer('c')];
  const used = new Map([
    ['a', 12_345_344],
    ['b', 100 * mebibyte],
  ]);
  const one = { pod: makePod({ containers }), used: 0, containers: used };
  assert.equal(
    evictionMessage(one, met('memory')),
    `${low} memory. Threshold quantity: 100Mi, available: 50360Ki. ` +
      'Container a was using 12056Ki, request is 0, has larger consumption of memory. ',
  );
});

test('a pod that asks for memory as a whole is told of all of it', () => {
  const one = { pod: makePod({ resources: { requests: { memory: '1Mi' } } }, { metadata: { name: 'p' } }), used: 0 };
  assert.match(
    evictionMessage({ ...one, containers: new Map([['x', 2 * mebibyte]]) }, met('memory')),
    /Pod p was using 2Mi, request is 1Mi, has larger consumption of memory\. $/,
  );
});

test('of processes and inodes no container is told anything', () => {
  const text = evictionMessage(pod('p', 7), { ...met('inodes'), threshold: 65_000, available: 12 });
  assert.equal(text, `${low} inodes. Threshold quantity: 65k, available: 12. `);
});
