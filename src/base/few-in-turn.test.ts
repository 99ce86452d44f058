import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FewInTurn } from './few-in-turn.ts';
import { nextTurn } from './turn.ts';

describe('FewInTurn', () => {
  it('does few pieces of work in a turn of the event loop, in the order in which they came', async () => {
    const few = new FewInTurn(2);
    const log: number[] = [];
    for (let at = 1; at <= 5; at++) few.run(() => log.push(at));
    assert.deepEqual(log, [1, 2]);
    await nextTurn();
    assert.deepEqual(log, [1, 2, 3, 4]);
    few.run(() => log.push(6));
    assert.deepEqual(log, [1, 2, 3, 4], 'the turn is full');
    await nextTurn();
    assert.deepEqual(log, [1, 2, 3, 4, 5, 6]);
  });

  it('does at once what comes in a later turn', async () => {
    const few = new FewInTurn(1);
    let done = 0;
    for (const expected of [1, 2, 3]) {
      few.run(() => done++);
      assert.equal(done, expected);
      await nextTurn();
    }
  });

  it('tells others when it is their turn', async () => {
    const few = new FewInTurn(1);
    const log: string[] = [];
    const work = async (name: string): Promise<void> => {
      await few.share();
      log.push(name);
    };
    const all = Promise.all(['a', 'b', 'c'].map(work));
    await nextTurn();
    assert.equal(log.join(''), 'ab');
    await all;
    assert.equal(log.join(''), 'abc');
  });
});
