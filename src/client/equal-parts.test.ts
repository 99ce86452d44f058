import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepFreeze } from '../apimachinery/freeze.ts';
import { RawNumber } from '../apimachinery/raw-number.ts';
import { EqualParts } from './equal-parts.ts';

const spec = (volume: string) =>
  deepFreeze({
    volumes: [{ name: volume, projected: { sources: [{ configMap: { name: 'ca' } }] } }],
    containers: [{ name: 'app', env: [{ name: 'MODE', value: 'x' }], mounts: [{ name: volume }] }],
  });

test('an equal value is the one that was seen before', () => {
  const parts = new EqualParts();
  const first = spec('a');
  assert.deepEqual(parts.share(first), first);
  assert.equal(parts.share(spec('a')), parts.share(spec('a')));
});

test('of a new value equal members are shared as far down as was asked', () => {
  const parts = new EqualParts();
  const one = parts.share(spec('a'), 4);
  const other = parts.share(spec('b'), 4);
  assert.deepEqual(other, spec('b'));
  assert.notEqual(one.volumes, other.volumes);
  assert.equal(one.volumes[0]!.projected, other.volumes[0]!.projected);
  assert.equal(one.containers[0]!.env, other.containers[0]!.env);
  assert.notEqual(one.containers[0]!.mounts, other.containers[0]!.mounts);
  assert.ok([other, other.volumes, other.volumes[0], other.containers[0]].every(Object.isFrozen));
  const flat = new EqualParts();
  assert.notEqual(flat.share(spec('a')).containers[0]!.env, flat.share(spec('b')).containers[0]!.env);
});

test('order counts, and a long value is left as it is', () => {
  const parts = new EqualParts();
  assert.deepEqual(Object.keys(parts.share({ a: 1, b: 2 })), ['a', 'b']);
  assert.deepEqual(Object.keys(parts.share({ b: 2, a: 1 })), ['b', 'a']);
  const long = () => ({ text: 'x'.repeat(5000) });
  const [one, other] = [long(), long()];
  assert.equal(parts.share(one), one);
  assert.equal(parts.share(other), other);
});

test('numbers beyond 2^53 and members called __proto__ stay what they are', () => {
  const parts = new EqualParts();
  const odd = () =>
    deepFreeze({
      count: new RawNumber('9007199254740993'),
      map: JSON.parse('{"__proto__":{"a":1},"b":{"c":1}}') as object,
    });
  const shared = parts.share(odd(), 3);
  assert.ok(shared.count instanceof RawNumber);
  assert.equal(JSON.stringify(shared), '{"count":9007199254740993,"map":{"__proto__":{"a":1},"b":{"c":1}}}');
  assert.equal(parts.share(odd(), 3), shared);
});
