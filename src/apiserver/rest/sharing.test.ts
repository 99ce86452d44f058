import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { schema } from '../../api/schema.ts';
import { cloneJson } from '../../apimachinery/clone.ts';
import { decodeJsonText, decodeValue } from '../../apimachinery/decode/decode.ts';
import { jsonText } from '../../apimachinery/decode/json-text.ts';
import type { ShapeOptions } from '../../apimachinery/decode/shape.ts';
import { deepFreeze } from '../../apimachinery/freeze.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { applyMergePatch } from '../../apimachinery/patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../../apimachinery/patch/strategic-merge.ts';
import { structureOf } from '../../apimachinery/structure.ts';
import type { ServedVersion } from '../catalog/served-version.ts';
import { madePrivate } from './sharing.ts';

const definition = 'io.k8s.api.core.v1.Pod';
const structure = structureOf(schema, definition);

const name = fc.constantFrom('a', 'b', 'c');
const some = <T>(model: fc.Arbitrary<T>) => fc.array(model, { maxLength: 3 });
const texts = fc.dictionary(name, fc.constantFrom('', 'x', 'y'), { maxKeys: 3 });
const ports = some(fc.record({ containerPort: fc.constantFrom(80, 81), name }, { requiredKeys: ['containerPort'] }));
const container = fc.record(
  {
    name,
    image: fc.constantFrom('', 'i:1', 'i:2'),
    ports,
    env: some(fc.record({ name, value: fc.constantFrom('', '1') }, { requiredKeys: ['name'] })),
    resources: fc.record({ limits: fc.dictionary(name, fc.constantFrom('1', '1000m', '0.5')) }, { requiredKeys: [] }),
  },
  { requiredKeys: ['name'] },
);
const condition = fc.record(
  {
    type: name,
    status: fc.constantFrom('True', 'False'),
    lastProbeTime: fc.constantFrom(null, '2026-01-02T03:04:05Z'),
  },
  { requiredKeys: ['type'] },
);

function pods({ nulls }: { readonly nulls: boolean }): fc.Arbitrary<object> {
  const maybe = <T>(model: fc.Arbitrary<T>) => (nulls ? fc.option(model, { nil: null }) : model);
  return fc.record(
    {
      metadata: fc.record(
        { labels: maybe(texts), annotations: maybe(texts), finalizers: maybe(some(name)) },
        { requiredKeys: [] },
      ),
      spec: maybe(
        fc.record(
          {
            containers: maybe(some(container)),
            nodeSelector: maybe(texts),
            tolerations: maybe(some(fc.record({ key: name }))),
          },
          { requiredKeys: [] },
        ),
      ),
      status: maybe(
        fc.record({ conditions: maybe(some(condition)), phase: fc.constantFrom('', 'Running') }, { requiredKeys: [] }),
      ),
    },
    { requiredKeys: ['metadata'] },
  );
}

const stored = pods({ nulls: false }).map((pod) => {
  // What fast-check generates it may use again: only copies are frozen.
  const whole = cloneJson({ kind: 'Pod', apiVersion: 'v1', ...pod });
  return deepFreeze(decodeValue(whole, structure).value as unknown as KubeObject);
});
const patch = pods({ nulls: true });

test('what is sent decodes to the same beside the stored object, and shares the members that say the same', () => {
  const sent = fc.tuple(pods({ nulls: true }), fc.dictionary(fc.constantFrom('spec', '__proto__'), fc.object()));
  fc.assert(
    fc.property(stored, sent, fc.boolean(), (old, [other, odd], isKept) => {
      const body = JSON.stringify({
        ...(isKept ? { ...old, ...other } : { ...other, spec: (old as { spec?: unknown }).spec }),
        ...odd,
      });
      const decode = (options?: ShapeOptions) => {
        try {
          return decodeJsonText(jsonText(body), structure, options);
        } catch (error) {
          return (error as Error).message;
        }
      };
      const [alone, beside] = [decode(), decode({ stored: old })];
      assert.deepEqual(beside, alone);
      if (typeof beside === 'string') return;
      const [now, was] = [beside.value, old as unknown as Record<string, unknown>];
      const given = JSON.parse(body) as typeof was;
      for (const member of ['spec', 'status'])
        if (JSON.stringify(given[member]) === JSON.stringify(was[member])) assert.equal(now[member], was[member]);
        else if (now[member] !== was[member]) assertThawed(now[member]);
    }),
  );
});

type Merge = (old: unknown, body: unknown) => unknown;
const merges: Record<string, Merge> = {
  merge: applyMergePatch,
  strategic: (old, body) => applyStrategicMergePatch(old, body, { schema, definition }),
};
const served = (takesFrozen: boolean) => ({ strategy: { takesFrozen } }) as unknown as ServedVersion;

for (const [kind, merge] of Object.entries(merges)) {
  test(`a ${kind} patch that shares what it leaves alone makes what one of a copy makes`, () => {
    fc.assert(
      fc.property(stored, patch, fc.boolean(), (old, body, takesFrozen) => {
        const before = JSON.stringify(old);
        const plain = decodeValue(merge(cloneJson(old), cloneJson(body)), structure);
        const sharing = decodeValue(merge(old, cloneJson(body)), structure, { keepFrozen: true });
        assert.deepEqual(sharing.complaints, plain.complaints);
        const draft = madePrivate(sharing.value as unknown as KubeObject, served(takesFrozen));
        // The order of members may differ.
        assert.deepEqual(draft, plain.value);
        assert.equal(JSON.stringify(old), before);
        assertOwn(draft, old, takesFrozen);
      }),
      { numRuns: 500 },
    );
  });
}

/** Nothing of the draft is frozen but what it may have from the stored object as a whole. */
function assertOwn(draft: KubeObject, old: KubeObject, takesFrozen: boolean): void {
  const was = old as unknown as Record<string, unknown>;
  for (const [member, value] of Object.entries(draft)) {
    if (takesFrozen && member !== 'metadata' && value === was[member]) continue;
    assertThawed(value);
  }
}

function assertThawed(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  assert.ok(!Object.isFrozen(value), `${JSON.stringify(value)} is frozen`);
  for (const part of Object.values(value)) assertThawed(part);
}

test('a spec that a patch leaves alone stays the stored one, where the kind can take it', () => {
  const old = deepFreeze({
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name: 'a', labels: { a: 'x' } },
    spec: { containers: [{ name: 'a', resources: {} }] },
    status: {},
  });
  const body = { metadata: { annotations: { round: '1' } } };
  const make = () => decodeValue(merges['strategic']!(old, body), structure, { keepFrozen: true }).value as never;
  const draft = madePrivate(make(), served(true)) as unknown as typeof old;
  assert.equal(draft.spec, old.spec);
  assert.notEqual(draft.metadata, old.metadata);
  const copied = madePrivate(make(), served(false)) as unknown as typeof old;
  assert.notEqual(copied.spec, old.spec);
  assert.deepEqual(copied.spec, old.spec);
});
