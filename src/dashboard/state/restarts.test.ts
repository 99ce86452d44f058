import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerStatus, Pod } from '../../api/core/v1/types.ts';
import { lastRestart } from './restarts.ts';

test('the last restart is when the container that ended last had ended', () => {
  const ended = (finishedAt: string) => ({ lastState: { terminated: { exitCode: 1, finishedAt } } }) as ContainerStatus;
  const pod = (status: Pod['status']): Pod => ({ metadata: { name: 'a' }, spec: { containers: [] }, status });
  assert.equal(lastRestart(pod(undefined)), undefined);
  assert.equal(lastRestart(pod({ containerStatuses: [{} as ContainerStatus] })), undefined);
  assert.equal(
    lastRestart(
      pod({
        initContainerStatuses: [ended('2026-01-01T00:00:07Z')],
        containerStatuses: [ended('2026-01-01T00:00:05Z'), ended('2026-01-01T00:00:06Z')],
      }),
    ),
    '2026-01-01T00:00:07Z',
  );
});
