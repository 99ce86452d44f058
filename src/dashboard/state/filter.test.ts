import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFiltering, rowMatcher } from './filter.ts';
import { rowOf } from './testing/row-of.ts';

const web = rowOf(
  { metadata: { name: 'web-1', namespace: 'shop', labels: { app: 'Web', tier: 'front' } } },
  '1/1',
  'CrashLoopBackOff',
);
const filters: { namespace?: string; text?: string; want: boolean }[] = [
  { want: true },
  { namespace: 'shop', want: true },
  { namespace: 'other', want: false },
  { text: 'crash', want: true },
  { text: 'CRASH web', want: true },
  { text: 'crash api', want: false },
  { text: 'shop', want: true },
  { text: 'app=Web', want: true },
  { text: 'app=web', want: false },
  { text: 'app!=web,tier=front web', want: true },
  { text: 'tier=', want: false },
  { text: '=', want: false },
];

for (const { namespace = '', text = '', want } of filters)
  test(`the filter "${text}" in namespace "${namespace}" ${want ? 'finds' : 'hides'} a row`, () => {
    assert.equal(rowMatcher({ namespace, text })(web), want);
  });

test('a row without a namespace is in all of them', () => {
  assert.ok(rowMatcher({ namespace: 'shop', text: '' })(rowOf({ metadata: { name: 'node' } })));
});

test('a namespace hides nothing of a kind that has none', () => {
  assert.ok(isFiltering({ namespace: 'shop', text: '' }, true));
  assert.ok(!isFiltering({ namespace: 'shop', text: ' ' }, false));
  assert.ok(isFiltering({ namespace: '', text: 'web' }, false));
});
