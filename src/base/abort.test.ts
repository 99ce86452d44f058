import assert from 'node:assert/strict';
import { test } from 'node:test';
import { abortable, AbortBranches, aborted, deadline, DeadlineError, linkedAbort, onAbort } from './abort.ts';
import { VirtualClock } from './virtual-clock.ts';

test('a linked signal aborts with any parent, with its reason', () => {
  const one = new AbortController();
  const other = new AbortController();
  using linked = linkedAbort(one.signal, undefined, other.signal);
  assert.equal(linked.signal.aborted, false);
  other.abort('over');
  assert.equal(linked.signal.reason, 'over');
  assert.equal(linkedAbort(other.signal).signal.aborted, true);
});

test('a linked signal aborts alone, and not after it let go', () => {
  const parent = new AbortController();
  const alone = linkedAbort(parent.signal);
  alone.abort('mine');
  assert.equal(parent.signal.aborted, false);
  const released = linkedAbort(parent.signal);
  released[Symbol.dispose]();
  parent.abort();
  assert.equal(released.signal.aborted, false);
});

test('branches abort with their parent, alone, and not after they let go', () => {
  const parent = new AbortController();
  const branches = new AbortBranches(parent.signal);
  const [one, alone, released] = [branches.branch(), branches.branch(), branches.branch()];
  alone.abort('mine');
  assert.equal(one.signal.aborted, false);
  released[Symbol.dispose]();
  parent.abort('over');
  assert.deepEqual(
    [one, alone, branches.branch()].map(({ signal }) => signal.reason),
    ['over', 'mine', 'over'],
  );
  assert.equal(released.signal.aborted, false);
});

test('a deadline aborts after its time, unless it is disposed', async () => {
  const clock = new VirtualClock();
  const missed = deadline(clock, 100);
  deadline(clock, 100)[Symbol.dispose]();
  assert.equal(clock.pendingTimers, 1);
  await clock.advance(100);
  assert.ok(missed.signal.reason instanceof DeadlineError);
});

test('waiting ends with the signal, while the outcome of work in time is kept', async () => {
  const stop = new AbortController();
  assert.equal(await abortable(Promise.resolve(3), stop.signal), 3);
  await assert.rejects(abortable(Promise.reject(new Error('own')), stop.signal), /own/);
  const waiting = abortable(new Promise(() => {}), stop.signal);
  const told = aborted(stop.signal);
  let calls = 0;
  const forget = onAbort(stop.signal, () => calls++);
  onAbort(stop.signal, () => calls++);
  forget();
  stop.abort(new Error('stopped'));
  await assert.rejects(waiting, /stopped/);
  await told;
  assert.equal(calls, 1);
});
