import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMaps } from '../../api/core/v1/types.ts';
import { protobuf } from '../../api/protobuf.ts';
import { servedResources } from '../../api/resources.ts';
import { encodeStored } from '../../apimachinery/canonical-json.ts';
import { systemClock } from '../../base/system-clock.ts';
import { CachedObject } from '../cache/cached-object.ts';
import { builtInCatalog } from '../catalog/built-in.ts';
import { configMap } from '../resources/core/config-map.ts';
import { LargeTexts } from './large-texts.ts';
import { isInPieces, listPieces, protobufListPieces } from './list-pieces.ts';
import type { Accepted } from './negotiate.ts';
import { ProtobufForms } from './protobuf-forms.ts';
import type { ListAnswer, Presentation } from './representation.ts';

const served = builtInCatalog(
  [configMap],
  servedResources.filter(({ type }) => type === ConfigMaps),
).of(ConfigMaps);
const prefix = '/registry/configmaps/';

function listOf(count: number, bytes: number): ListAnswer {
  const entries = Array.from({ length: count }, (_, at) => {
    const name = `m${at}`;
    const stored = encodeStored({ metadata: { name, namespace: 'a' }, data: { x: 'x'.repeat(bytes) } } as never);
    return new CachedObject(`${prefix}a/${name}`, prefix.length, stored, 1, at + 1);
  });
  return { kind: 'list', served, entries, revision: count };
}

function presentation(mediaType: Accepted['mediaType']): Presentation {
  return {
    accepted: { mediaType, pretty: false, representation: { form: 'object' } },
    includeObject: 'None',
    now: () => 0,
    describeColumn: () => '',
    protobuf: new ProtobufForms(protobuf),
    texts: new LargeTexts(systemClock),
  };
}

const ways = [
  ['JSON', listPieces, 'application/json'],
  ['protobuf', protobufListPieces, 'application/vnd.kubernetes.protobuf'],
] as const;

for (const [name, pieces, mediaType] of ways) {
  test(`a large list in ${name} leaves in pieces of some 256 KiB, each made when it is asked for`, async () => {
    const list = listOf(200, 20_000);
    assert.ok(isInPieces(list));
    let made = 0;
    const counted = { ...list, entries: list.entries.map((entry) => counting(entry, () => made++)) };
    const generator = pieces(counted, presentation(mediaType), systemClock);
    const sizes: number[] = [];
    const whole: Buffer[] = [];
    for await (const piece of generator) {
      if (mediaType === 'application/json') assert.ok(made <= (sizes.length + 1) * 14, `${made} after ${sizes.length}`);
      sizes.push(piece.length);
      whole.push(piece);
    }
    assert.ok(sizes.length >= 15 && Math.max(...sizes) <= 256 * 1024, String(sizes));
    if (mediaType === 'application/json')
      assert.equal((JSON.parse(Buffer.concat(whole).toString()) as { items: unknown[] }).items.length, 200);
  });
}

/** Tells when the bytes of an object are taken for an answer. */
function counting(entry: CachedObject, onRead: () => void): CachedObject {
  const copy = new CachedObject(entry.key, prefix.length, entry.stored, entry.created, entry.revision);
  copy.bytesIn = (form) => {
    onRead();
    return CachedObject.prototype.bytesIn.call(copy, form);
  };
  return copy;
}

test('others have their turn while a list is made: after 5 ms of work at most', async () => {
  let now = 0;
  // Each look at the clock is a millisecond later.
  const clock = { ...systemClock, monotonic: () => now++, busy: () => now };
  let turns = 0;
  let isOver = false;
  const counting = (async () => {
    while (!isOver) {
      await new Promise<void>((resolve) => systemClock.setTimer(0, resolve));
      turns++;
    }
  })();
  for await (const _ of listPieces(listOf(3000, 10), presentation('application/json'), clock));
  isOver = true;
  await counting;
  // A look after 16 items, a turn after 5 looks: 37 in all.
  assert.ok(turns >= 10, `${turns} turns`);
});
