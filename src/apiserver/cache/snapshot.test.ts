import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CachedObject } from './cached-object.ts';
import { Snapshot } from './snapshot.ts';

const everything = {
  prefix: '/',
  namespace: undefined,
  only: undefined,
  trigger: undefined,
  text: '',
  conversion: undefined,
};
const objectOf = (at: number) => new CachedObject(`/pods/p${at}`, '/pods/'.length, Buffer.alloc(1000), 1, 1);

test('a batch is of so many bytes that were looked at, whether they are sent or not', () => {
  let looked = 0;
  const matches = ({ name }: CachedObject): boolean => ++looked > 0 && name === 'p5';
  const snapshot = new Snapshot(
    Array.from({ length: 12 }, (_, at) => objectOf(at)),
    { ...everything, matches },
    undefined,
  );
  const sizes = [];
  for (let batch = snapshot.next(4000); batch !== undefined; batch = snapshot.next(4000)) {
    sizes.push([batch.events.length, looked]);
    looked = 0;
  }
  assert.deepEqual(sizes, [
    [0, 4],
    [1, 4],
    [0, 4],
  ]);
});
