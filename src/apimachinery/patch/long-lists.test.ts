import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import oracle, { type Operation } from 'fast-json-patch';
import { applyJsonPatch } from './json-patch.ts';
import { LongLists } from './long-lists.ts';

const items = (count: number) => Array.from({ length: count }, (_, at) => at);

test('a long list is changed like a short one', () => {
  const place = fc.nat({ max: 2999 });
  const operation = fc.oneof(
    fc.record({ op: fc.constant('add'), at: place }),
    fc.record({ op: fc.constant('remove'), at: place }),
    fc.record({ op: fc.constant('replace'), at: place }),
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), fc.integer({ min: 3000, max: 4000 }), (steps, length) => {
      const patch = steps.flatMap(({ op, at }, value): Operation[] => {
        const path = `/list/${at}`;
        if (op === 'remove')
          return [
            { op: 'remove', path },
            { op: 'add', path: '/list/-', value },
          ];
        return [op === 'add' ? { op: 'add', path, value } : { op: 'replace', path, value }];
      });
      const document = { list: items(length) };
      assert.deepEqual(
        applyJsonPatch(document, patch),
        oracle.applyPatch(structuredClone(document), structuredClone(patch), true).newDocument,
      );
    }),
    { numRuns: 30 },
  );
});

test('a long list that was changed is tested, moved and copied as a whole', () => {
  const list = items(2000);
  const changed = ['x', ...list];
  const patch = [
    { op: 'add', path: '/a/list/0', value: 'x' },
    { op: 'test', path: '/a', value: { list: changed } },
    { op: 'add', path: '/a/list/0', value: 'y' },
    { op: 'copy', from: '/a/list', path: '/b' },
    { op: 'remove', path: '/a/list/0' },
    { op: 'move', from: '/a/list', path: '/c' },
    { op: 'add', path: '/c/-', value: 'z' },
  ];
  assert.deepEqual(applyJsonPatch({ a: { list } }, patch), { a: {}, b: ['y', ...changed], c: [...changed, 'z'] });
  assert.throws(
    () =>
      applyJsonPatch({ list }, [
        { op: 'add', path: '/list/0', value: 'x' },
        { op: 'test', path: '/list', value: list },
      ]),
    { code: 422 },
  );
});

test('a long list is left as it is until it is needed whole', () => {
  const list = items(100_000);
  const lists = new LongLists();
  for (let at = 0; at < 1000; at++) lists.insert(list, 0, -at);
  assert.equal(list.length, 100_000);
  assert.equal(lists.length(list), 101_000);
  assert.equal(lists.whole(list).length, 101_000);
  assert.equal(list[0], -999);
  assert.equal(list[1000], 0);
});
