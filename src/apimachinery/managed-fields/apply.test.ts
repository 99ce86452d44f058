import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cloneJson } from '../clone.ts';
import { decodeValue } from '../decode/decode.ts';
import { deepFreeze } from '../freeze.ts';
import type { ManagedFieldsEntry } from '../object.ts';
import { structureOf } from '../structure.ts';
import { testSchema } from '../test-schema.ts';
import { appliedErrors, joinedErrors } from './applied.ts';
import { applyConfiguration, applyingConfiguration, conflictError, type ApplyRequest } from './apply.ts';
import { lastAppliedAnnotation } from './last-applied.ts';
import { managedFieldsAfterUpdate, resetFields, type Managed } from './update.ts';

const structure = structureOf(testSchema, 'Pod');
const ignored = resetFields('status');
const time = '2024-01-01T00:00:00Z';
type Parts = Record<string, unknown>;

/** A cluster of one object: applies and updates follow each other. */
class Story {
  live: Managed | undefined;

  apply(manager: string, parts: Parts, more: Partial<ApplyRequest> = {}): string {
    const applied = { kind: 'Pod', metadata: {}, ...parts } as unknown as Managed;
    const live = this.live === undefined ? {} : { live: this.live };
    const result = applyConfiguration({
      ...live,
      applied: deepFreeze(applied),
      structure,
      manager,
      apiVersion: 'v1',
      time,
      force: false,
      ignored,
      ...more,
    });
    if ('conflicts' in result) return conflictError(result.conflicts).message;
    this.live = deepFreeze(decodeValue(cloneJson(result.object), structure).value) as unknown as Managed;
    return 'applied';
  }

  update(manager: string, parts: Parts): void {
    const { value } = decodeValue(structuredClone({ kind: 'Pod', metadata: {}, ...parts }), structure);
    const object = value as unknown as Managed;
    const live = this.live === undefined ? {} : { live: this.live };
    const entries = managedFieldsAfterUpdate({ ...live, object, structure, manager, apiVersion: 'v1', time, ignored });
    const metadata = { ...object.metadata, ...(entries ? { managedFields: entries } : {}) };
    this.live = deepFreeze({ ...object, metadata }) as Managed;
  }

  get spec(): Parts {
    return (this.live as unknown as { spec: Parts }).spec;
  }
  get labels(): unknown {
    return (this.live!.metadata as Parts)['labels'];
  }
  owned(manager: string, operation = 'Apply'): ManagedFieldsEntry | undefined {
    return this.live?.metadata.managedFields?.find((one) => one.manager === manager && one.operation === operation);
  }
}

test('who applies owns the values of the configuration, not what the server adds', () => {
  const story = new Story();
  story.apply('a', {
    metadata: { labels: { l: '1' } },
    spec: { containers: [{ name: 'app', ports: [{ port: 80 }] }], rolling: {} },
  });
  assert.deepEqual(story.owned('a'), {
    manager: 'a',
    operation: 'Apply',
    apiVersion: 'v1',
    time,
    fieldsType: 'FieldsV1',
    fieldsV1: {
      'f:metadata': { 'f:labels': { 'f:l': {} } },
      'f:spec': {
        'f:containers': {
          'k:{"name":"app"}': {
            '.': {},
            'f:name': {},
            'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } },
          },
        },
        'f:rolling': {},
      },
    },
  });
});

test('what is applied no more goes, unless somebody else owns it', () => {
  const story = new Story();
  story.apply('a', {
    metadata: { labels: { x: '1', y: '2', z: '3' } },
    spec: { replicas: 1, deadline: 5, containers: [] },
  });
  story.apply('b', { metadata: { labels: { y: '2' } }, spec: { deadline: 5 } });
  story.apply('a', { metadata: { labels: { z: '3' } } });
  assert.deepEqual(story.labels, { y: '2', z: '3' });
  assert.equal(story.spec['replicas'], undefined);
  assert.equal(story.spec['deadline'], 5);
  story.apply('b', {});
  assert.equal(story.owned('b'), undefined);
  assert.deepEqual(story.labels, { z: '3' });
});

test('an item of a list goes with all that is in it, and stays with what another applied', () => {
  const story = new Story();
  story.apply('a', { spec: { containers: [{ name: 'app', image: '1', args: ['x'] }, { name: 'side' }] } });
  story.apply('b', { spec: { containers: [{ name: 'app', image: '1' }] } });
  story.apply('a', { spec: { containers: [] } });
  assert.deepEqual(story.spec['containers'], [{ name: 'app', image: '1', resources: {} }]);
});

test('applied items keep their order; the others keep their place among them', () => {
  const names = (containers: readonly string[]) => ({ spec: { containers: containers.map((name) => ({ name })) } });
  for (const [first, second, result] of [
    ['app', 'side', 'app side'],
    ['app side', 'side app', 'side app'],
    ['a b c', 'c a', 'b c a'],
    ['a b c', 'x b', 'a x b c'],
    ['b', 'z b', 'z b'],
    ['a b', 'b x a', 'b x a'],
  ] as const) {
    const story = new Story();
    story.apply('one', names(first.split(' ')));
    story.apply('two', names(second.split(' ')));
    assert.equal(
      (story.spec['containers'] as Parts[]).map(({ name }) => name).join(' '),
      result,
      `${second} over ${first}`,
    );
  }
});

test('another value than the owner’s is a conflict; the same value is shared, and has no time', () => {
  const story = new Story();
  story.apply('a', { metadata: { labels: { l: '1' } }, spec: { replicas: 1 } });
  story.update('u', {
    metadata: { labels: { l: '1', m: '2' }, managedFields: story.live!.metadata.managedFields },
    spec: { replicas: 1, deadline: 3 },
  });
  assert.equal(
    story.apply('b', { spec: { replicas: 2 } }),
    'Apply failed with 1 conflict: conflict with "a": .spec.replicas',
  );
  assert.equal(
    story.apply('b', { spec: { deadline: 4 } }),
    'Apply failed with 1 conflict: conflict with "u" using v1: .spec.deadline',
  );
  assert.equal(
    story.apply('b', { metadata: { labels: { l: '2', m: '3' } }, spec: { replicas: 2 } }),
    'Apply failed with 3 conflicts: conflicts with "a":\n- .metadata.labels.l\n- .spec.replicas\nconflicts with "u" using v1:\n- .metadata.labels.m',
  );
  assert.equal(story.apply('b', { spec: { replicas: 1 } }), 'applied');
  assert.equal(story.owned('b')?.time, undefined);
  assert.deepEqual(story.owned('b')?.fieldsV1, { 'f:spec': { 'f:replicas': {} } });
});

test('a conflict error names the field of each cause', () => {
  const entry: ManagedFieldsEntry = { manager: 'x', operation: 'Apply', apiVersion: 'v1', subresource: 'scale' };
  const { status } = conflictError([{ entry, fields: { 'f:spec': { 'f:replicas': {} } } }]);
  assert.deepEqual(status.details, {
    causes: [
      {
        reason: 'FieldManagerConflict',
        message: 'conflict with "x" with subresource "scale"',
        field: '.spec.replicas',
      },
    ],
  });
  assert.equal(status.code, 409);
});

test('force takes the fields from their owners', () => {
  const story = new Story();
  story.apply('a', { spec: { replicas: 1, deadline: 5 } });
  assert.equal(story.apply('b', { spec: { replicas: 2 } }, { force: true }), 'applied');
  assert.deepEqual(story.owned('a')?.fieldsV1, { 'f:spec': { 'f:deadline': {} } });
  assert.equal(story.spec['replicas'], 2);
});

test('an atomic list and an empty object are owned as one', () => {
  const story = new Story();
  story.apply('a', { spec: { tolerations: [{ key: 'a' }], rolling: {} } });
  assert.match(story.apply('b', { spec: { tolerations: [{ key: 'b' }] } }), /conflict with "a": \.spec\.tolerations$/);
});

test('an object that nobody was tracked on belongs to before-first-apply', () => {
  const story = new Story();
  story.live = deepFreeze(
    decodeValue({ metadata: { name: 'x' }, spec: { replicas: 1 } }, structure).value,
  ) as unknown as Managed;
  assert.match(
    story.apply('a', { spec: { replicas: 2 } }),
    /conflict with "before-first-apply" using v1: \.spec\.replicas$/,
  );
});

test('kubectl takes over what it applied on the client’s side, and keeps the annotation in step', () => {
  const story = new Story();
  const text = JSON.stringify({ kind: 'Pod', metadata: {}, spec: { replicas: 1 } });
  story.update('kubectl-client-side-apply', {
    metadata: { annotations: { [lastAppliedAnnotation]: text } },
    spec: { replicas: 1, deadline: 5 },
  });
  assert.match(story.apply('other', { spec: { replicas: 2 } }), /^Apply failed with 1 conflict/);
  assert.match(story.apply('kubectl', { spec: { deadline: 6 } }), /^Apply failed with 1 conflict/);
  assert.equal(story.apply('kubectl', { spec: { replicas: 2 } }), 'applied');
  assert.equal(
    story.live!.metadata.annotations![lastAppliedAnnotation],
    '{"kind":"Pod","metadata":{},"spec":{"replicas":2}}\n',
  );
});

for (const { name, parts, error } of [
  { name: 'an unknown field', parts: { spec: { odd: 1 } }, error: '.spec.odd: field not declared in schema' },
  {
    name: 'two items of one key',
    parts: { spec: { containers: [{ name: 'a', ports: [{ port: 80 }, { port: 80, protocol: 'TCP' }] }] } },
    error: '.spec.containers[name="a"].ports: duplicate entries for key [port=80,protocol="TCP"]',
  },
  {
    name: 'a text for a number',
    parts: { spec: { replicas: '3' } },
    error: '.spec.replicas: expected numeric (int or float), got string',
  },
  {
    name: 'two errors',
    parts: { spec: { containers: {}, hostNetwork: 'x' } },
    error: 'errors:\n  .spec.containers: expected list, got object\n  .spec.hostNetwork: expected boolean, got x',
  },
])
  test(`a configuration with ${name} is refused`, () =>
    assert.equal(joinedErrors(appliedErrors(parts, structure)), error));

test('applying again changes nothing, and who applies nothing any more leaves nothing behind', () => {
  const labels = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'));
  const containers = fc.uniqueArray(
    fc.record({ name: fc.constantFrom('x', 'y', 'z'), image: fc.constantFrom('i', 'j') }),
    {
      selector: ({ name }) => name,
    },
  );
  const configurations = fc.record({ metadata: fc.record({ labels }), spec: fc.record({ containers }) });
  const nothingBut = (shown: Record<string, '1' | '2'>) => ({ metadata: { labels: shown }, spec: { containers: [] } });
  fc.assert(
    fc.property(configurations, configurations, (first, second) => {
      const story = new Story();
      story.apply('one', first, { force: true });
      story.apply('two', second, { force: true });
      const settled = story.live;
      story.apply('two', second, { force: true });
      assert.deepEqual(story.live, settled);
      story.apply('one', {}, { force: true });
      story.apply('two', {}, { force: true });
      assert.equal(story.labels, undefined);
      assert.deepEqual([story.owned('one'), story.owned('two')], [undefined, undefined]);
      assert.equal((story.spec['containers'] as unknown[] | null)?.length ?? 0, 0);
    }),
    // Nobody owns anything before the last apply: what it finds then counts as there from before the first.
    { examples: [[nothingBut({ a: '1' }), nothingBut({})]] },
  );
});

test('a long list is applied in many steps, and its fields stand in order', () => {
  const containers = Array.from({ length: 5000 }, (_, at) => ({ name: `c${at}`, image: 'i' }));
  const applied = { kind: 'Pod', metadata: {}, spec: { containers } } as unknown as Managed;
  const work = applyingConfiguration({
    applied,
    structure,
    manager: 'a',
    apiVersion: 'v1',
    time,
    force: false,
    ignored,
  });
  let steps = 0;
  let step = work.next();
  for (; step.done !== true; step = work.next()) steps++;
  assert.ok(steps >= 8, `${steps} steps`);
  assert.ok('object' in step.value);
  const [entry] = (step.value.object as unknown as Managed).metadata.managedFields!;
  const fields = entry!.fieldsV1 as Record<string, Record<string, object>>;
  const names = containers.map(({ name }) => `k:{"name":"${name}"}`).sort();
  assert.deepEqual(Object.keys(fields['f:spec']!['f:containers']!), names);
});
