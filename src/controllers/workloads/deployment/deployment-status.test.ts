import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment, DeploymentStatus, ReplicaSet } from '../../../api/apps/v1/types.ts';
import { rolloutStatus, untilDeadline } from './deployment-status.ts';
import { rolloutOf } from './rollout.ts';

const started = Date.UTC(2026, 0, 1);

function template(image: string) {
  return { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'app', image }] } };
}

function deploymentWith(status: DeploymentStatus, more: Partial<Deployment['spec']> = {}): Deployment {
  const spec = { replicas: 2, progressDeadlineSeconds: 10, selector: {}, template: template('v2'), ...more };
  return { metadata: { name: 'web', generation: 1 }, spec, status } as Deployment;
}

function set(name: string, image: string, replicas: number, available: number, conditions?: object[]): ReplicaSet {
  const status = {
    replicas,
    readyReplicas: available,
    availableReplicas: available,
    ...(conditions && { conditions }),
  };
  return {
    metadata: { name, uid: name },
    spec: { replicas, selector: {}, template: template(image) },
    status,
  } as ReplicaSet;
}

const progressing = (reason: string, at = '2026-01-01T00:00:00Z', status = 'True') => ({
  type: 'Progressing',
  status,
  reason,
  message: '',
  lastUpdateTime: at,
  lastTransitionTime: at,
});

function said(status: DeploymentStatus, type: string): string | undefined {
  const one = status.conditions?.find((condition) => condition.type === type);
  return one && `${one.status} ${one.reason} ${one.message}`;
}

test('a rollout that reached its end says so, with the set’s name', () => {
  const rollout = rolloutOf(
    deploymentWith({ conditions: [progressing('ReplicaSetUpdated')], updatedReplicas: 1, replicas: 3 }),
    [set('web-2', 'v2', 2, 2)],
  );
  const status = rolloutStatus(rollout, started);
  assert.equal(
    said(status, 'Progressing'),
    'True NewReplicaSetAvailable ReplicaSet "web-2" has successfully progressed.',
  );
  assert.equal(said(status, 'Available'), 'True MinimumReplicasAvailable Deployment has minimum availability.');
  assert.equal(status.unavailableReplicas, undefined);
});

test('each step forward starts the deadline anew', () => {
  const before = deploymentWith({ conditions: [progressing('ReplicaSetUpdated')], replicas: 2, updatedReplicas: 0 });
  const status = rolloutStatus(rolloutOf(before, [set('web-1', 'v1', 2, 2), set('web-2', 'v2', 1, 0)]), started + 5000);
  const condition = status.conditions?.find(({ type }) => type === 'Progressing');
  assert.deepEqual(
    [condition?.reason, condition?.lastUpdateTime, condition?.lastTransitionTime],
    ['ReplicaSetUpdated', '2026-01-01T00:00:05Z', '2026-01-01T00:00:00Z'],
  );
  assert.equal(status.unavailableReplicas, 1);
});

test('without a step the deadline passes, and that is not said twice', () => {
  const stuck = (conditions: DeploymentStatus['conditions']): Deployment =>
    deploymentWith({ conditions, replicas: 3, updatedReplicas: 1, readyReplicas: 2, availableReplicas: 2 });
  const sets = [set('web-1', 'v1', 2, 2), set('web-2', 'v2', 1, 0)];
  const early = rolloutStatus(rolloutOf(stuck([progressing('ReplicaSetUpdated')]), sets), started + 10_000);
  assert.equal(said(early, 'Progressing'), 'True ReplicaSetUpdated ');
  const late = rolloutStatus(rolloutOf(stuck([progressing('ReplicaSetUpdated')]), sets), started + 11_000);
  assert.equal(
    said(late, 'Progressing'),
    'False ProgressDeadlineExceeded ReplicaSet "web-2" has timed out progressing.',
  );
  assert.deepEqual(
    rolloutStatus(rolloutOf(stuck(late.conditions), sets), started + 60_000).conditions,
    late.conditions,
  );
});

test('the deadline is looked at again when it has passed', () => {
  const deployment = deploymentWith({});
  const status: DeploymentStatus = { conditions: [progressing('ReplicaSetUpdated')] };
  assert.equal(untilDeadline(deployment, status, started + 4000), 7000);
  assert.equal(untilDeadline(deployment, { conditions: [progressing('NewReplicaSetAvailable')] }, started), undefined);
  assert.equal(untilDeadline(deploymentWith({}, { progressDeadlineSeconds: 2 ** 31 - 1 }), status, started), undefined);
});

test('a failure of a set is the Deployment’s failure until it is over', () => {
  const failure = {
    type: 'ReplicaFailure',
    status: 'True',
    reason: 'FailedCreate',
    message: 'forbidden',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  };
  const status = rolloutStatus(rolloutOf(deploymentWith({}), [set('web-2', 'v2', 2, 0, [failure])]), started);
  assert.equal(said(status, 'ReplicaFailure'), 'True FailedCreate forbidden');
  const after = rolloutStatus(rolloutOf(deploymentWith(status), [set('web-2', 'v2', 2, 0)]), started);
  assert.equal(said(after, 'ReplicaFailure'), undefined);
});

test('without a deadline there is no word on progress', () => {
  const deployment = deploymentWith(
    { conditions: [progressing('ReplicaSetUpdated')] },
    { progressDeadlineSeconds: undefined },
  );
  assert.equal(said(rolloutStatus(rolloutOf(deployment, []), started), 'Progressing'), undefined);
});
