import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Clock } from './clock.ts';
import { nextTurn } from './turn.ts';
import { LongWork, Turns } from './turns.ts';

/** A clock that goes on by `stepMs` whenever somebody says so. */
function handClock(): Clock & { pass(ms: number): void } {
  let now = 0;
  return {
    now: () => now,
    monotonic: () => now,
    setTimer: () => assert.fail('nobody sets a timer'),
    sleep: () => assert.fail('nobody sleeps'),
    pass: (ms) => void (now += ms),
  };
}

describe('Turns', () => {
  it('are the same for all who have the same clock', () => {
    const clock = handClock();
    assert.equal(Turns.of(clock), Turns.of(clock));
    assert.notEqual(Turns.of(clock), Turns.of(handClock()));
  });

  it('give all long work of a turn five milliseconds together', async () => {
    const clock = handClock();
    const turns = Turns.of(clock);
    assert.equal(turns.isOver, false);
    clock.pass(3);
    assert.equal(turns.isOver, false, 'the first has used three');
    clock.pass(2);
    assert.equal(turns.isOver, true, 'the second has used two more');
    await nextTurn();
    assert.equal(turns.isOver, true, 'sockets have not been looked at since');
    await nextTurn();
    assert.equal(turns.isOver, false, 'this is another turn');
  });

  it('are longer while other processes have the processor', async () => {
    let busyMs = 0;
    const clock = { ...handClock(), busy: () => busyMs };
    const turns = Turns.of(clock);
    assert.equal(turns.isOver, false);
    clock.pass(100);
    busyMs += 4;
    assert.equal(turns.isOver, false, 'of a hundred milliseconds it has had four');
    busyMs += 1;
    assert.equal(turns.isOver, true);
  });

  it('let long works go on in the order in which they came, one share after the other', async () => {
    const clock = handClock();
    const turns = Turns.of(clock);
    const log: string[] = [];
    const work = async (name: string): Promise<void> => {
      for (let step = 0; step < 3; step++) {
        await turns.next();
        log.push(name);
        clock.pass(5);
      }
    };
    await Promise.all([work('a'), work('b'), work('c')]);
    assert.equal(log.join(''), 'abcabcabc');
  });

  it('let one turn serve several whose shares are small', async () => {
    const clock = handClock();
    const turns = Turns.of(clock);
    const log: string[] = [];
    const work = async (name: string): Promise<void> => {
      await turns.next();
      log.push(name);
      clock.pass(2);
    };
    const all = Promise.all(['a', 'b', 'c', 'd', 'e'].map(work));
    void all.then(() => log.push('done'));
    await nextTurn();
    assert.equal(log.join(' '), 'a b c');
    await nextTurn();
    assert.equal(log.join(' '), 'a b c d e done');
  });

  it('leave sockets and timers a turn between two shares', async () => {
    const clock = handClock();
    const turns = Turns.of(clock);
    let shares = 0;
    let isOver = false;
    const work = async (): Promise<void> => {
      while (!isOver) {
        await turns.next();
        shares++;
        clock.pass(5);
      }
    };
    const all = Promise.all([work(), work(), work()]);
    for (let turn = 0; turn < 10; turn++) await nextTurn();
    assert.ok(shares <= 10, `${shares} shares in 10 turns`);
    isOver = true;
    await all;
  });

  it('let sockets and timers have their turn when one that began among them is used up', async () => {
    const clock = handClock();
    const turns = Turns.of(clock);
    const log: string[] = [];
    const done = Promise.withResolvers<void>();
    setTimeout(() => {
      assert.equal(turns.isOver, false);
      clock.pass(5);
      void turns.next().then(() => log.push('next'));
      setImmediate(() => {
        log.push('end of the first');
        setImmediate(() => done.resolve());
      });
    });
    await done.promise;
    assert.deepEqual(log, ['end of the first', 'next']);
  });

  it('have a time of their own for those who begin', async () => {
    const clock = handClock();
    const log: string[] = [];
    const step = async (turns: Turns, name: string, ms: number): Promise<void> => {
      await turns.next();
      log.push(name);
      clock.pass(ms);
    };
    const works = ['a', 'b', 'c'].map((name) => step(Turns.of(clock), name, 5));
    const beginnings = [1, 2, 3, 4].map((at) => step(Turns.ofBeginnings(clock), `begins ${at}`, 2));
    const all = Promise.all([...works, ...beginnings]);
    await all;
    // The turn in which they came is used up by the first piece of work.
    assert.deepEqual(log, ['a', 'b', 'begins 1', 'begins 2', 'begins 3', 'c', 'begins 4']);
  });

  it('are looked at by long work after some steps, or after one on many bytes', () => {
    const clock = handClock();
    const work = new LongWork(clock);
    assert.equal(Turns.of(clock).isOver, false);
    clock.pass(5);
    const looks = Array.from({ length: 32 }, () => work.mustWait());
    assert.deepEqual(
      looks.flatMap((mustWait, at) => (mustWait ? [at] : [])),
      [15, 31],
    );
    assert.deepEqual([work.mustWait(10_000), work.mustWait(10_000), work.mustWait()], [false, true, false]);
  });
});
