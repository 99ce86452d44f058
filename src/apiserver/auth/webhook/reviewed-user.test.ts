import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UserInfo } from '../auth.ts';
import { reviewedUser } from './reviewed-user.ts';

const rows: readonly (readonly [what: string, told: unknown, want: UserInfo | undefined])[] = [
  [
    'all of a user',
    { username: 'a', uid: '1', groups: ['g'], extra: { k: ['v'] } },
    { name: 'a', uid: '1', groups: ['g'], extra: { k: ['v'] } },
  ],
  ['a name alone', { username: 'a', uid: '', extra: {} }, { name: 'a', groups: [] }],
  ['nothing', undefined, { name: '', groups: [] }],
  ['null', null, undefined],
  ['a list', [], undefined],
  ['a name that is no text', { username: 1 }, undefined],
  ['groups that are one text', { username: 'a', groups: 'system:masters' }, undefined],
  ['a group that is no text', { username: 'a', groups: [['system:masters']] }, undefined],
  ['an extra value that is no list', { username: 'a', extra: { k: 'v' } }, undefined],
];
for (const [what, told, want] of rows)
  test(`another server tells of ${what}: ${want === undefined ? 'no user' : 'a user'}`, () =>
    assert.deepEqual(reviewedUser(told), want));
