import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exactField } from './exact-field.ts';

const rows: [string | undefined, string | undefined][] = [
  [undefined, undefined],
  ['', undefined],
  ['metadata.name=a', 'a'],
  ['spec.nodeName=x,metadata.name==a', 'a'],
  ['metadata.name!=a', undefined],
  ['type!=x\\,metadata.name=a', undefined],
  ['metadata.name=a\\,b', 'a,b'],
  ['nonsense', undefined],
];

for (const [selector, want] of rows)
  test(`the name that ${String(selector)} demands`, () => assert.equal(exactField(selector, 'metadata.name'), want));
