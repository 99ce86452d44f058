import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../api/core/v1/types.ts';
import { refused } from '../../apimachinery/status.ts';
import { silentLogger } from '../../base/logger.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import type { Client } from '../../client/client.ts';
import { makePod } from '../testing/pods.ts';
import { StatusWriter } from './status-writer.ts';

test('the last status is written behind a conflict, before anybody takes it for written', async () => {
  const clock = new VirtualClock();
  let answers = 0;
  const pod = makePod({}, { metadata: { name: 'p', namespace: 'default', uid: 'u', resourceVersion: '1' } });
  const patch = async (): Promise<Pod> => {
    answers++;
    if (answers <= 2) throw refused.conflict({ group: '', resource: 'pods' }, 'p', 'it has changed');
    return { ...pod, metadata: { ...pod.metadata, resourceVersion: '2' }, status: { phase: 'Failed' } };
  };
  const { signal } = new AbortController();
  const client = { patch } as unknown as Client;
  const writer = new StatusWriter(pod, { client, clock, log: silentLogger, signal });
  writer.want({ phase: 'Failed' });
  let isSettled = false;
  void writer.settled().then(() => (isSettled = true));
  await clock.settle();
  assert.deepEqual([answers, isSettled], [1, false]);
  await clock.advance(60_000);
  assert.deepEqual([answers, isSettled, writer.pod.status?.phase], [3, true, 'Failed']);
});
