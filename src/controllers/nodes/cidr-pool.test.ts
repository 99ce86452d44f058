import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CidrPool } from './cidr-pool.ts';

test('parts come from the lowest on, what was taken elsewhere is left out, what is given back comes again', () => {
  const pool = new CidrPool('10.0.0.0/22', 24);
  pool.take('10.0.1.0/24');
  assert.deepEqual(
    [pool.next(), pool.next(), pool.next(), pool.next()],
    ['10.0.0.0/24', '10.0.2.0/24', '10.0.3.0/24', undefined],
  );
  pool.release('10.0.2.0/24');
  pool.release('10.0.1.0/24');
  pool.release('192.168.0.0/24');
  pool.release('');
  assert.deepEqual([pool.next(), pool.next(), pool.next()], ['10.0.1.0/24', '10.0.2.0/24', undefined]);
});

test('the size of a part decides how many there are', () => {
  const pool = new CidrPool('10.244.0.0/16', 26);
  const parts = new Set(Array.from({ length: 1024 }, () => pool.next()));
  assert.equal(parts.size, 1024);
  assert.equal(pool.next(), undefined);
  assert.ok(parts.has('10.244.255.192/26'));
});

test('what cannot be divided is refused', () => {
  assert.throws(() => new CidrPool('10.244.0.0/25', 24), /must not be smaller than \/24/);
  assert.throws(() => new CidrPool('fd00::/64', 24), /must be an IPv4 network/);
});
