import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containersOf } from './containers.ts';

test('containers come in the order of the spec, with a word for each', () => {
  const state = (name: string, more: object) => ({
    name,
    image: '',
    imageID: '',
    ready: false,
    restartCount: 0,
    ...more,
  });
  const status = {
    initContainerStatuses: [state('first', { state: { terminated: { exitCode: 0, reason: 'Completed' } } })],
    containerStatuses: [
      state('main', { state: { waiting: { reason: 'CrashLoopBackOff' } }, restartCount: 4 }),
      state('side', { state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } }),
      state('third', { state: { running: {} }, ready: true }),
    ],
  };
  const containers = ['main', 'side', 'third', 'fourth'].map((name) => ({ name, image: `${name}:1` }));
  const summaries = containersOf({
    metadata: { name: 'a' },
    spec: { initContainers: [{ name: 'first', image: 'first:1' }], containers },
    status,
  });
  assert.deepEqual(
    summaries.map(({ name, state: text, tone, restarts }) => [name, text, tone, restarts]),
    [
      ['first', 'Completed', 'plain', 0],
      ['main', 'CrashLoopBackOff', 'bad', 4],
      ['side', 'OOMKilled (exit code 137)', 'bad', 0],
      ['third', 'Running', 'good', 0],
      ['fourth', 'Waiting', 'busy', 0],
    ],
  );
});
