import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { ByteReader } from '../../apimachinery/protobuf/reader.ts';
import { nextTurn } from '../../base/turn.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { BusyProfilerError, Profiles } from './profiles.ts';

/** The parts of a message by the number of their field. */
function fieldsOf(bytes: Uint8Array): Map<number, (Uint8Array | number)[]> {
  const reader = new ByteReader();
  reader.open(bytes);
  const fields = new Map<number, (Uint8Array | number)[]>();
  while (reader.at < bytes.length) {
    const tag = reader.small();
    const value = tag % 8 === 2 ? reader.bytes() : Number(reader.int64());
    fields.set(Math.floor(tag / 8), [...(fields.get(Math.floor(tag / 8)) ?? []), value]);
  }
  return fields;
}

function spin(): number {
  let sum = 0;
  for (let i = 0; i < 1e8; i++) sum = (sum + i) % 7;
  return sum;
}

function hoard(): number[][] {
  return Array.from({ length: 2000 }, () => new Array<number>(1000).fill(1.5));
}

/** Lets time pass until a profile is there. */
async function finished(taking: Promise<Buffer>, clock: VirtualClock): Promise<Buffer> {
  let isDone = false;
  const done = taking.finally(() => (isDone = true));
  while (!isDone) {
    await clock.advance(1000);
    await nextTurn();
  }
  return done;
}

const rows = [
  ['cpu', spin, ['samples', 'count', 'cpu', 'nanoseconds']],
  ['heap', hoard, ['inuse_objects', 'count', 'inuse_space', 'bytes']],
] as const;

for (const [kind, work, types] of rows)
  test(`a profile of the ${kind} has the form of pprof, and names what was busy`, async () => {
    const clock = new VirtualClock();
    const profiles = new Profiles(clock);
    const { signal } = new AbortController();
    const taking = profiles[kind](1000, signal);
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    const made = work();
    const profile = fieldsOf(gunzipSync(await finished(taking, clock)));
    assert.ok(made !== undefined);
    const texts = profile.get(6)!.map((text) => Buffer.from(text as Uint8Array).toString());
    assert.equal(texts[0], '');
    assert.ok(texts.includes(work.name), texts.join(' '));
    const named = profile.get(1)!.flatMap((type) => {
      const fields = fieldsOf(type as Uint8Array);
      return [texts[fields.get(1)![0] as number], texts[fields.get(2)![0] as number]];
    });
    assert.deepEqual(named, types);
    const ids = (part: number) => profile.get(part)!.map((one) => fieldsOf(one as Uint8Array).get(1)![0]);
    assert.deepEqual(ids(4), ids(5), 'a location for each function');
  });

test('one profile is taken at a time', async () => {
  const clock = new VirtualClock();
  const profiles = new Profiles(clock);
  const { signal } = new AbortController();
  const taking = profiles.heap(1000, signal);
  await assert.rejects(profiles.cpu(1000, signal), BusyProfilerError);
  await finished(taking, clock);
  await finished(profiles.cpu(1000, signal), clock);
});
