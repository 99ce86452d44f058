import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AbsentOwners, type AskedState } from './absent-owners.ts';

test('an owner that is gone is asked for once, one that is there or cannot be asked for again and again', async () => {
  const absent = new AbsentOwners();
  const asked: string[] = [];
  const answers: Record<string, () => Promise<AskedState>> = {
    gone: () => Promise.resolve('gone'),
    there: () => Promise.resolve('solid'),
    silent: () => Promise.reject(new Error('no answer')),
  };
  const ask = (owner: string): Promise<AskedState> =>
    absent.stateOf(owner, () => {
      asked.push(owner);
      return answers[owner]!();
    });
  const together = await Promise.all([ask('gone'), ask('gone'), ask('there'), ask('there')]);
  assert.deepEqual(together, ['gone', 'gone', 'solid', 'solid']);
  await assert.rejects(ask('silent'), /no answer/);
  await assert.rejects(ask('silent'), /no answer/);
  assert.deepEqual([await ask('gone'), await ask('there')], ['gone', 'solid']);
  assert.deepEqual(asked, ['gone', 'there', 'silent', 'silent', 'there']);
});
