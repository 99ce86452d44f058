import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodeVolume, VolumeDriver } from './volume-driver.ts';
import { VolumeTable } from './volume-table.ts';

/** A volume that tells its steps; those in `failing` fail. */
function volume(pod: string, id: string | undefined, steps: string[], failing = new Set<string>()): NodeVolume {
  const step = async (what: string): Promise<void> => {
    steps.push(what);
    if (failing.has(what)) throw new Error(`no ${what}`);
  };
  return {
    ...(id !== undefined && {
      shared: {
        id,
        attachable: true,
        attached: () => step(`attached ${id}`),
        stage: () => step(`stage ${id}`),
        unstage: () => step(`unstage ${id}`),
      },
    }),
    async publish() {
      await step(`publish ${pod}`);
      return { path: `/${pod}`, readOnly: false };
    },
    unpublish: () => step(`unpublish ${pod}`),
  };
}

test('what pods share is made before the first and undone behind the last', async () => {
  const steps: string[] = [];
  let changes = 0;
  const table = new VolumeTable([], () => void changes++);
  await Promise.all(['a', 'b'].map((pod) => table.publish(pod, 'v', volume(pod, 'disk', steps))));
  assert.deepEqual(steps.splice(0), ['attached disk', 'stage disk', 'publish a', 'attached disk', 'publish b']);
  assert.deepEqual(table.inUse(), ['disk']);
  await table.unpublish('a');
  await table.unpublish('b');
  assert.deepEqual(steps, ['unpublish a', 'unpublish b', 'unstage disk']);
  assert.deepEqual([table.inUse(), await table.podUids()], [[], []]);
  assert.equal(changes, 4);
});

test('pods that go at once leave nothing staged', async () => {
  const steps: string[] = [];
  const table = new VolumeTable([], () => undefined);
  for (const pod of ['a', 'b']) await table.publish(pod, 'v', volume(pod, 'disk', steps));
  steps.length = 0;
  await Promise.all([table.unpublish('a'), table.unpublish('b')]);
  assert.deepEqual(steps, ['unpublish a', 'unpublish b', 'unstage disk']);
});

for (const step of ['stage disk', 'publish a'])
  test(`a failure is told with its step, and tried again: ${step}`, async () => {
    const steps: string[] = [];
    const failing = new Set([step]);
    const table = new VolumeTable([], () => undefined);
    const one = volume('a', 'disk', steps, failing);
    await assert.rejects(table.publish('a', 'v', one), { message: `no ${step}`, stage: step.split(' ')[0] });
    failing.clear();
    assert.equal((await table.publish('a', 'v', one)).path, '/a');
    assert.equal(steps.filter((done) => done === 'publish a').length, step === 'publish a' ? 2 : 1);
  });

for (const step of ['unpublish a', 'unstage disk'])
  test(`what could not be undone stays in the table: ${step}`, async () => {
    const steps: string[] = [];
    const failing = new Set([step]);
    const table = new VolumeTable([], () => undefined);
    await table.publish('a', 'v', volume('a', 'disk', steps, failing));
    await assert.rejects(table.unpublish('a'), { message: `no ${step}` });
    assert.deepEqual([table.inUse(), await table.podUids()], [['disk'], ['a']]);
    failing.clear();
    await table.unpublish('a');
    assert.equal(steps.at(-1), 'unstage disk');
    assert.deepEqual(await table.podUids(), []);
  });

test('what an earlier agent has begun is in use, and keeps what others share', async () => {
  const steps: string[] = [];
  const found = { podUid: 'old', name: 'v', volume: volume('old', 'disk', steps) };
  const driver: VolumeDriver = {
    name: 'test.example/v',
    supports: () => true,
    open: () => assert.fail(),
    reconstruct: async () => [found],
  };
  const table = new VolumeTable([driver], () => undefined);
  assert.deepEqual(await table.podUids(), ['old']);
  await table.publish('new', 'v', volume('new', 'disk', steps));
  await table.unpublish('new');
  assert.deepEqual(steps.slice(-1), ['unpublish new']);
  await table.unpublish('old');
  assert.deepEqual(steps.slice(-2), ['unpublish old', 'unstage disk']);
});

test('a pod that goes on has its volume once, however it was found', async () => {
  const steps: string[] = [];
  const found = { podUid: 'a', name: 'mount v', volume: volume('found', 'disk', steps) };
  const driver: VolumeDriver = {
    name: 'test.example/v',
    supports: () => true,
    open: () => assert.fail(),
    reconstruct: async () => [found],
  };
  const table = new VolumeTable([driver], () => undefined);
  await table.publish('a', 'v', volume('a', 'disk', steps));
  await table.unpublish('a');
  assert.deepEqual(steps.slice(-2), ['unpublish a', 'unstage disk']);
});
