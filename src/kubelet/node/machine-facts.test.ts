import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { machineObservations } from './machine-facts.ts';

test('what is left on a machine is less than there is, and no more memory than the node may have', async () => {
  const memory = { available: 4096, capacity: 8192 };
  const seen = await machineObservations(tmpdir(), memory);
  assert.deepEqual(seen['memory.available'], memory);
  for (const signal of ['nodefs.available', 'imagefs.available', 'pid.available'] as const) {
    const { available, capacity } = seen[signal]!;
    assert.ok(available > 0 && available < capacity, `${signal}: ${available} of ${capacity}`);
  }
  const unbounded = await machineObservations(tmpdir(), { available: Infinity, capacity: Infinity });
  assert.ok(Number.isSafeInteger(unbounded['memory.available']!.available));
});
