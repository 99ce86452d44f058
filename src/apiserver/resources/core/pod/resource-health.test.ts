import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerStatus } from '../../../../api/core/v1/types.ts';
import { fieldErrorText } from '../../../../apimachinery/validation.ts';
import type { Errors } from '../../checks.ts';
import { checkHealth } from './resource-health.ts';

const path = 'status.containerStatuses[0].allocatedResourcesStatus[0]';

test('a device of a container is one that it asks for, once, and well or not', () => {
  const resources = [
    { resourceID: 'x', health: 'Fine' },
    { resourceID: 'x', health: 'Healthy', message: '' },
  ];
  const errors: Errors = [];
  const status = { name: 'a', allocatedResourcesStatus: [{ name: 'claim:c/r', resources }] };
  const claims = [{ name: 'c' }];
  checkHealth(errors, [status as unknown as ContainerStatus], 'status.containerStatuses', [
    { name: 'a', resources: { claims } },
  ]);
  assert.deepEqual(errors.map(fieldErrorText), [
    `${path}.name: Invalid value: "claim:c/r": must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty`,
    `${path}.resources[0].health: Unsupported value: "Fine": supported values: "Healthy", "Unhealthy", "Unknown"`,
    `${path}.resources[1].message: Required value: must be non-empty if specified`,
    `${path}.resources[1].resourceID: Duplicate value: "x"`,
  ]);
  const others: Errors = [];
  checkHealth(
    others,
    [{ ...status, allocatedResourcesStatus: [{ name: 'cpu' }] } as unknown as ContainerStatus],
    's',
    [],
  );
  assert.deepEqual(others, []);
});

test('what each container asks for is read once, of however many devices it tells', () => {
  let reads = 0;
  const resources = {
    get requests() {
      reads++;
      return { 'example.com/gpu': '1' };
    },
  };
  const told = Array.from({ length: 1000 }, () => ({ name: 'example.com/gpu' }));
  const errors: Errors = [];
  const status = { name: 'a', allocatedResourcesStatus: told } as unknown as ContainerStatus;
  checkHealth(errors, [status, status], 's', [{ name: 'a', resources }]);
  assert.deepEqual([errors, reads], [[], 1]);
});
