import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../../api/core/v1/types.ts';
import { planStatus, type Replicated } from './replica-status.ts';

const going: Pod = { metadata: { name: 'a', deletionTimestamp: '2026-01-01T00:00:00Z' }, spec: { containers: [] } };
const set: Replicated = {
  generation: 1,
  replicas: 0,
  minReadySeconds: 0,
  templateLabels: {},
  status: undefined,
  tellsTerminating: true,
};

test('pods on their way out are told of where the kind has a place for them', () => {
  const told = [true, false].map((tellsTerminating) => planStatus({ ...set, tellsTerminating }, [going], undefined, 0));
  assert.deepEqual(told, [
    { replicas: 0, terminatingReplicas: 1, observedGeneration: 1 },
    { replicas: 0, observedGeneration: 1 },
  ]);
});
