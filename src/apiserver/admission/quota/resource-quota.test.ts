import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMaps, ResourceQuotas, type ResourceQuota } from '../../../api/core/v1/types.ts';
import { refused } from '../../../apimachinery/status.ts';
import { testContext } from '../../testing/context.ts';
import type { AdmissionRequest } from '../admission.ts';
import { resourceQuota, type WriteQuota } from './resource-quota.ts';

const namespace = 'default';
const hard = { 'count/configmaps': '3' };
const quota = {
  kind: 'ResourceQuota',
  metadata: { name: 'q', namespace },
  spec: { hard },
  status: { hard, used: { 'count/configmaps': '0' } },
} as ResourceQuota;

function creation(more: Partial<AdmissionRequest> = {}): AdmissionRequest {
  const object = { metadata: { name: 'a', namespace } };
  return { operation: 'CREATE', type: ConfigMaps, namespace, name: 'a', object, ...more } as AdmissionRequest;
}

/** Admission over one quota; what is written is what is read next. */
function start(write: (quota: Readonly<ResourceQuota>) => Promise<void> = async () => {}) {
  const { context, put } = testContext({ objects: [quota] });
  const writes: unknown[] = [];
  const store: WriteQuota = async (changed) => {
    await write(changed);
    writes.push(changed.status?.used?.['count/configmaps']);
    put(changed as ResourceQuota);
  };
  const plugin = resourceQuota(store);
  return {
    context,
    writes,
    ask: async (request = creation()) => await plugin.reserve!(request, context),
    used: () => context.lookup(ResourceQuotas, { namespace, name: 'q' })?.status?.used,
  };
}

test('what waits together is charged with one write, and what is too much is refused', async () => {
  const { ask, writes } = start();
  const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => ask()));
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected'],
  );
  // The first did not wait for others.
  assert.deepEqual(writes, ['1', '3']);
});

test('a dry run is charged nothing', async () => {
  const { ask, writes } = start();
  await ask(creation({ dryRun: true }));
  assert.deepEqual(writes, []);
});

test('a quota that somebody else has written meanwhile is charged again', async () => {
  let conflicts = 2;
  const { ask, used } = start(async () => {
    if (conflicts-- > 0) throw refused.conflict(ResourceQuotas, 'q', 'it has changed');
  });
  await ask();
  assert.deepEqual(used(), { 'count/configmaps': '1' });
});

for (const [what, fails] of [
  ['read', ({ context }: ReturnType<typeof start>) => failOnce(context, 'scan', 1)],
  ['dated', ({ context }: ReturnType<typeof start>) => failOnce(context.clock, 'now', 0)],
] as const)
  test(`quotas that cannot be ${what} fail the request, and not all that come later`, async () => {
    const parts = start();
    fails(parts);
    const [first, second] = await Promise.allSettled([parts.ask(), parts.ask()]);
    assert.deepEqual([first.status, second.status], ['rejected', 'fulfilled']);
    await parts.ask();
    assert.deepEqual(parts.used(), { 'count/configmaps': '2' });
  });

test('a quota that cannot be written fails the request, and not all that come later', async () => {
  let isBroken = true;
  const { ask, used } = start(async () => {
    if (!isBroken) return;
    isBroken = false;
    throw new Error('broken');
  });
  await assert.rejects(ask(), /broken/);
  await ask();
  assert.deepEqual(used(), { 'count/configmaps': '1' });
});

/** The method throws at one call, after `calls` that work. */
function failOnce<T extends object>(parts: T, method: keyof T & string, calls: number): void {
  const works = parts[method] as (...args: unknown[]) => unknown;
  let left = calls;
  Object.defineProperty(parts, method, {
    value: (...args: unknown[]) => {
      if (left-- === 0) throw new Error('broken');
      return works.apply(parts, args);
    },
  });
}
