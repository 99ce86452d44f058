import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rounds } from './rounds.ts';

type Asked = readonly [name: string, isChanged: boolean, wantsAgain: boolean];

const rows: readonly (readonly [what: string, asked: readonly Asked[], again: string])[] = [
  ['nobody, when nothing has changed', [['a', false, true]], ''],
  ['not who has changed it himself', [['a', true, true]], ''],
  [
    'who was asked before the change',
    [
      ['a', false, true],
      ['b', true, true],
      ['c', false, true],
    ],
    'a',
  ],
  [
    'nobody who does not want to',
    [
      ['a', false, false],
      ['b', true, false],
    ],
    '',
  ],
  [
    'each who was asked before any change',
    [
      ['a', true, true],
      ['b', true, true],
      ['c', true, true],
    ],
    'a b',
  ],
];

for (const [what, asked, again] of rows)
  test(`asked again is ${what}`, () => {
    const rounds = new Rounds<string>();
    for (const [name, isChanged, wantsAgain] of asked) rounds.asked(name, { isChanged, wantsAgain });
    const found = asked.map(([name]) => name).filter((name) => rounds.mustAskAgain(name));
    assert.equal(found.join(' '), again);
  });

test('whatever else changes the object, all who want to are asked again', () => {
  const rounds = new Rounds<string>();
  rounds.asked('a', { isChanged: true, wantsAgain: true });
  rounds.changed();
  assert.deepEqual([rounds.mustAskAgain('a'), rounds.mustAskAgain('b')], [true, false]);
});
