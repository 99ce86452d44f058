import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment, ReplicaSet } from '../../../api/apps/v1/types.ts';
import { newSetAnnotations, revisionAnnotation, revisionHistoryAnnotation, revisionOf } from './annotations.ts';
import { planCleanup, planNewSet, planRefresh } from './new-replica-set.ts';
import { rolloutOf } from './rollout.ts';

function deployment(annotations: Record<string, string> = {}, spec: Partial<Deployment['spec']> = {}): Deployment {
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'app', image: 'v9' }] } };
  return {
    metadata: { name: 'web', namespace: 'shop', annotations },
    spec: { replicas: 4, selector: { matchLabels: { app: 'web' } }, template, ...spec },
  } as Deployment;
}

function oldSet(revision: number | bigint, replicas = 0): ReplicaSet {
  return {
    metadata: { name: `web-${revision}`, uid: `u${revision}`, annotations: { [revisionAnnotation]: String(revision) } },
    spec: { replicas, selector: {}, template: { spec: { containers: [{ name: 'app', image: `v${revision}` }] } } },
    status: { replicas },
  };
}

test('a new set carries the next revision, the change cause, the sizes and the hash everywhere', () => {
  const annotations = {
    'kubernetes.io/change-cause': 'better',
    'kubectl.kubernetes.io/last-applied-configuration': '{}',
    [revisionAnnotation]: '2',
  };
  const set = planNewSet(rolloutOf(deployment(annotations), [oldSet(1), oldSet(2, 4)]));
  const hash = set.metadata.labels!['pod-template-hash']!;
  assert.equal(set.metadata.name, `web-${hash}`);
  assert.deepEqual(set.metadata.annotations, {
    'kubernetes.io/change-cause': 'better',
    'deployment.kubernetes.io/revision': '3',
    'deployment.kubernetes.io/desired-replicas': '4',
    'deployment.kubernetes.io/max-replicas': '5',
  });
  assert.deepEqual(set.spec.selector.matchLabels, { app: 'web', 'pod-template-hash': hash });
  assert.deepEqual(set.spec.template?.metadata?.labels, { app: 'web', 'pod-template-hash': hash });
  assert.equal(set.spec.replicas, 1);
});

test('revisions have 64 bits', () => {
  const adopted = 3546343826724305832n;
  const sets = [oldSet(adopted, 4), oldSet(adopted - 1n), oldSet(adopted - 2n)];
  const made = planNewSet(rolloutOf(deployment(), sets));
  assert.equal(made.metadata.annotations?.[revisionAnnotation], '3546343826724305833');
  const [lowest] = planCleanup(rolloutOf(deployment({}, { revisionHistoryLimit: 2 }), sets));
  assert.equal(lowest?.metadata.name, `web-${adopted - 2n}`);
  for (const text of ['', 'one', '9223372036854775808', '1e3', '0x10'])
    assert.equal(
      revisionOf({ ...oldSet(1), metadata: { name: 'x', annotations: { [revisionAnnotation]: text } } }),
      0n,
    );
});

test('a set that comes back remembers the revision that it had', () => {
  const present = { [revisionAnnotation]: '1', [revisionHistoryAnnotation]: '0' };
  assert.deepEqual(newSetAnnotations(present, deployment(), 5n), {
    [revisionAnnotation]: '5',
    [revisionHistoryAnnotation]: '0,1',
  });
  assert.deepEqual(newSetAnnotations({ [revisionAnnotation]: '5' }, deployment(), 5n), { [revisionAnnotation]: '5' });
});

test('a history that grows too long loses its oldest entries', () => {
  const history = Array.from({ length: 600 }, (_, n) => n + 1).join(',');
  const { [revisionHistoryAnnotation]: after } = newSetAnnotations(
    { [revisionAnnotation]: '601', [revisionHistoryAnnotation]: history },
    deployment(),
    602n,
  );
  assert.ok(after!.length <= 2000 && after!.endsWith(',600,601') && !after!.startsWith('1,'));
});

test('a set that has all of its Deployment’s notes is not written', () => {
  const current = { ...oldSet(3, 4), spec: { ...oldSet(3, 4).spec, template: deployment().spec.template } };
  const rollout = rolloutOf(deployment(), [oldSet(2), current]);
  assert.equal(planRefresh(rollout, current), undefined);
  const renamed = rolloutOf(deployment({ 'kubernetes.io/change-cause': 'now' }), [oldSet(2), current]);
  assert.equal(planRefresh(renamed, current)?.metadata.annotations?.['kubernetes.io/change-cause'], 'now');
});

test('beyond the history limit the lowest revisions go, unless they have pods', () => {
  const sets = [oldSet(3), oldSet(1, 1), oldSet(2), oldSet(4), oldSet(5)];
  const names = (limit: number): string[] =>
    planCleanup(rolloutOf(deployment({}, { revisionHistoryLimit: limit }), sets)).map(({ metadata }) => metadata.name);
  assert.deepEqual(names(5), []);
  assert.deepEqual(names(2), ['web-2', 'web-3']);
  assert.deepEqual(names(0), ['web-2', 'web-3', 'web-4', 'web-5']);
});
