import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FairQueues } from './fair-queues.ts';

interface One {
  readonly name: string;
  readonly seats: number;
}
const sizes = { queues: 64, handSize: 1, queueLengthLimit: 3 };
const one = (name: string, seats = 1): One => ({ name, seats });

function names(queues: FairQueues<One>): string {
  const taken: string[] = [];
  for (let next = queues.take(); next !== undefined; next = queues.take()) taken.push(next.name);
  return taken.join(' ');
}

test('who asks much waits behind who asks little', () => {
  const queues = new FairQueues<One>(sizes);
  for (const name of ['a1', 'a2', 'a3']) assert.ok(queues.add('a', one(name)));
  queues.add('c', one('b1'));
  assert.equal(names(queues), 'a1 b1 a2 a3');
});

test('wide requests count for as many as they are wide', () => {
  const queues = new FairQueues<One>(sizes);
  queues.add('a', one('wide', 3));
  queues.add('a', one('a2'));
  for (const name of ['b1', 'b2', 'b3']) queues.add('c', one(name));
  assert.equal(names(queues), 'wide b1 b2 b3 a2');
});

test('who comes later has not saved up what he did not ask for', () => {
  const queues = new FairQueues<One>(sizes);
  for (let at = 0; at < 10; at++) {
    queues.add('a', one('a'));
    queues.take();
  }
  for (const name of ['a1', 'a2']) queues.add('a', one(name));
  for (const name of ['b1', 'b2']) queues.add('c', one(name));
  assert.equal(names(queues), 'a1 b1 a2 b2');
});

test('a full queue takes nobody, and one that leaves makes room', () => {
  const queues = new FairQueues<One>(sizes);
  const all = ['a1', 'a2', 'a3'].map((name) => one(name));
  for (const each of all) assert.ok(queues.add('a', each));
  assert.equal(queues.add('a', one('a4')), false);
  queues.remove(all[1]!);
  assert.equal(queues.size, 2);
  assert.ok(queues.add('a', one('a4')));
  assert.equal(names(queues), 'a1 a3 a4');
});

test('a flow waits in the shortest queue of its hand', () => {
  const queues = new FairQueues<One>({ queues: 2, handSize: 2, queueLengthLimit: 2 });
  for (const name of ['1', '2', '3', '4']) assert.ok(queues.add('a', one(name)));
  assert.equal(queues.add('a', one('5')), false);
});
