import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodSpec } from '../../../../api/core/v1/types.ts';
import { podSpecDefaults } from './defaults.ts';

const preStop = { sleep: { seconds: 1 } };

test('what belongs to features that are off is not kept', () => {
  const spec: PodSpec = {
    schedulingGroup: { podGroupName: 'g' },
    containers: [{ name: 'a', lifecycle: { stopSignal: 'SIGUSR1' } }],
    initContainers: [{ name: 'b', lifecycle: { stopSignal: 'SIGUSR2', preStop } }],
  };
  podSpecDefaults(spec);
  assert.equal(spec.schedulingGroup, undefined);
  assert.deepEqual([spec.containers[0]!.lifecycle, spec.initContainers![0]!.lifecycle], [undefined, { preStop }]);
});

test('an empty hook is left as it is', () => {
  const spec: PodSpec = { containers: [{ name: 'a', lifecycle: {} }] };
  podSpecDefaults(spec);
  assert.deepEqual(spec.containers[0]!.lifecycle, {});
});
