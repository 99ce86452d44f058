import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../base/virtual-clock.ts';
import type { ContainerSummary, Image } from '../runtime/runtime.ts';
import type { DiskUsage } from '../stats/usage.ts';
import { defaultImageCollection, ImageCollector } from './image-collector.ts';

const mebibyte = 2 ** 20;

/** A disk of 1000 MiB with images of 50 MiB each. */
function machine(names: readonly string[]) {
  const clock = new VirtualClock();
  const state = {
    images: names.map((name): Image => image(name)),
    used: [] as string[],
    availableBytes: 500 * mebibyte,
    capacityBytes: 1000 * mebibyte,
    told: [] as string[],
    kept: [] as string[],
    refuse: '',
  };
  const collector = new ImageCollector({
    runtime: {
      listImages: async () => state.images,
      listContainers: async () => state.used.map((imageId) => ({ image: 'x', imageId })) as ContainerSummary[],
      async removeImage(id) {
        if (id === state.refuse) throw new Error(`${id} is held`);
        state.images = state.images.filter((one) => one.id !== id);
        state.availableBytes += 50 * mebibyte;
      },
    },
    records: { prune: async (ids, listedAt) => void state.kept.push(`${listedAt}: ${[...ids].join(' ')}`) },
    disk: async () => state as unknown as DiskUsage,
    tell: (type, reason, message) => void state.told.push(`${type} ${reason} ${message}`),
    ofRuntime: ['sandbox:v1'],
    policy: defaultImageCollection,
    clock,
  });
  const left = () => state.images.map(({ id }) => id).join(' ');
  return { clock, collector, state, left };
}

function image(id: string): Image {
  return { id, tags: [`${id}:v1`], digests: [], sizeBytes: 50 * mebibyte };
}

test('images go from 85 % on until 80 % are left in use, the one used longest ago first', async () => {
  const { clock, collector, state, left } = machine(['running', 'never', 'once', 'lately']);
  state.used = ['running', 'once'];
  await collector.collect();
  await clock.advance(150_000);
  state.used = ['running', 'lately'];
  await collector.collect();
  await clock.advance(150_000);
  state.used = ['running'];
  state.availableBytes = 151 * mebibyte; // whole percents of what is free count
  await collector.collect();
  assert.equal(left(), 'running once lately');
  assert.equal(state.availableBytes, 201 * mebibyte);
  state.availableBytes = 105 * mebibyte;
  await collector.collect();
  assert.equal(left(), 'running');
  assert.deepEqual(state.told, []);
});

test('images that are new, in use, or the runtime’s own stay whatever happens', async () => {
  const { clock, collector, state, left } = machine(['used', 'pause', 'old', 'sandbox']);
  state.images[1] = { ...image('pause'), pinned: true };
  state.used = ['used:v1'];
  await collector.removeUnused();
  state.images.push(image('new'));
  await clock.advance(60_000);
  await collector.removeUnused();
  await clock.advance(60_000);
  assert.equal(left(), 'used pause old sandbox new');
  state.kept.length = 0;
  await collector.removeUnused();
  assert.equal(left(), 'used pause sandbox new');
  assert.deepEqual(state.kept, [`${clock.monotonic()}: used pause sandbox new`], 'the records of others may go');
});

test('a disk that stays full is told, and from the second time on that collection fails', async () => {
  const { clock, collector, state } = machine(['held', 'other']);
  const stop = new AbortController();
  const running = collector.run(stop.signal);
  await clock.advance(1000);
  state.availableBytes = 50 * mebibyte;
  state.used = ['held', 'other'];
  const failure =
    "Insufficient free disk space on the node's image filesystem (95% of 1000.0 MiB used). Failed to free sufficient " +
    'space by deleting unused images (freed 0 bytes). Investigate disk usage, as it could be used by active images, ' +
    'logs, volumes, or other data.';
  await clock.advance(300_000);
  assert.deepEqual(state.told.splice(0), [`Warning FreeDiskSpaceFailed ${failure}`]);
  await clock.advance(300_000);
  assert.deepEqual(state.told.splice(0), [
    `Warning FreeDiskSpaceFailed ${failure}`,
    `Warning ImageGCFailed ${failure}`,
  ]);
  state.used = ['other'];
  state.refuse = 'held';
  await clock.advance(300_000);
  assert.deepEqual(state.told.splice(0), [
    `Warning ImageGCFailed wanted to free ${150 * mebibyte} bytes, but freed 0 bytes space with errors in image ` +
      'deletion: held is held',
  ]);
  state.availableBytes = 900 * mebibyte;
  await clock.advance(300_000);
  state.capacityBytes = 0;
  await clock.advance(300_000);
  assert.deepEqual(state.told, ['Warning InvalidDiskCapacity invalid capacity 0 on image filesystem']);
  stop.abort();
  await running;
});
