import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { PriorityLevel, Seats, type Leave, type LevelLimits } from './priority-level.ts';
import { TooManyRequestsError } from './too-many-requests.ts';

const queues = { queues: 8, handSize: 2, queueLengthLimit: 2 };

function levels(clock: VirtualClock, ...limits: Partial<LevelLimits>[]): PriorityLevel[] {
  const seats = new Seats(clock);
  const all = limits.map(
    (one, at) =>
      new PriorityLevel(
        { name: `${at}`, isExempt: false, nominal: 2, lower: 2, upper: Infinity, queues, ...one },
        seats,
      ),
  );
  seats.share(all, 4);
  return all;
}

/** How many of so many requests start at once. */
async function starting(level: PriorityLevel, count: number, flow = 'a'): Promise<number> {
  let started = 0;
  for (let at = 0; at < count; at++) {
    const leave = level.enter('s', flow, 1);
    if (leave instanceof Promise) leave.catch(() => {});
    else started++;
  }
  return started;
}

test('a level lends what it can spare, and no more', async () => {
  const clock = new VirtualClock();
  const [generous, needy] = levels(clock, { lower: 1 }, {});
  assert.equal(await starting(needy!, 5), 3);
  assert.equal(await starting(generous!, 1), 1, 'what nobody borrows is there at once');
  assert.equal(await starting(generous!, 1), 0, 'what was lent comes back when it is free');
});

test('a level borrows up to its own limit', async () => {
  const [, modest] = levels(new VirtualClock(), { lower: 0 }, { upper: 3 });
  assert.equal(await starting(modest!, 5), 3);
});

test('who waits starts when a seat is free, and is told when there is none for too long', async () => {
  const clock = new VirtualClock();
  const [level] = levels(clock, { upper: 1 }, {});
  const leave = level!.enter('s', 'a', 1) as Leave;
  const second = level!.enter('s', 'a', 1) as Promise<Leave>;
  const third = level!.enter('s', 'b', 1) as Promise<Leave>;
  const refused = assert.rejects(third, TooManyRequestsError);
  leave();
  await second;
  assert.deepEqual(level!.tallies.get('s'), { running: 1, seats: 1, waiting: 1, dispatched: 2, rejected: 0 });
  await clock.advance(15_000);
  await refused;
  assert.deepEqual(level!.tallies.get('s'), { running: 1, seats: 1, waiting: 0, dispatched: 2, rejected: 1 });
});

test('who has gone while waiting gives up the place, once', async () => {
  const [level] = levels(new VirtualClock(), { upper: 1 }, {});
  const leave = level!.enter('s', 'a', 1) as Leave;
  const [client, gone] = [new AbortController(), new AbortController()];
  const second = level!.enter('s', 'a', 1, () => client.signal) as Promise<Leave>;
  const third = level!.enter('s', 'b', 1) as Promise<Leave>;
  gone.abort();
  await assert.rejects(async () => level!.enter('s', 'a', 1, () => gone.signal), TooManyRequestsError);
  client.abort();
  await assert.rejects(second, TooManyRequestsError);
  assert.deepEqual(level!.tallies.get('s'), { running: 1, seats: 1, waiting: 1, dispatched: 1, rejected: 2 });
  leave();
  (await third)();
  assert.deepEqual(level!.tallies.get('s'), { running: 0, seats: 0, waiting: 0, dispatched: 2, rejected: 2 });
});

test('who has a seat keeps it when the client goes', async () => {
  const [level] = levels(new VirtualClock(), { upper: 1 }, {});
  const first = level!.enter('s', 'a', 1) as Leave;
  const client = new AbortController();
  const second = level!.enter('s', 'a', 1, () => client.signal) as Promise<Leave>;
  first();
  const leave = await second;
  client.abort();
  assert.deepEqual(level!.tallies.get('s'), { running: 1, seats: 1, waiting: 0, dispatched: 2, rejected: 0 });
  leave();
});

test('a full queue refuses, and a level without queues does at once', async () => {
  const [queued, plain] = levels(new VirtualClock(), { upper: 1 }, { upper: 1, queues: undefined as never });
  assert.equal(await starting(queued!, 5), 1);
  await assert.rejects(async () => queued!.enter('s', 'a', 1), TooManyRequestsError);
  assert.equal(await starting(plain!, 1), 1);
  assert.throws(() => plain!.enter('s', 'a', 1), TooManyRequestsError);
});

test('a request that is wider than its level starts alone, and none where there are no seats', async () => {
  const [narrow, none] = levels(
    new VirtualClock(),
    { upper: 1 },
    { nominal: 0, lower: 0, upper: 0, queues: undefined as never },
  );
  const leave = narrow!.enter('s', 'a', 10) as Leave;
  assert.equal(await starting(narrow!, 1), 0);
  leave();
  assert.equal(narrow!.seats, 1);
  assert.throws(() => none!.enter('s', 'a', 1), TooManyRequestsError);
});

test('an exempt level lets everybody in', async () => {
  const [exempt] = levels(new VirtualClock(), { isExempt: true, nominal: 0, lower: 0 }, {});
  assert.equal(await starting(exempt!, 100), 100);
});
