import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerStatus, Pod, PodStatus } from '../../../../api/core/v1/types.ts';
import { fieldErrorText } from '../../../../apimachinery/validation.ts';
import type { Errors } from '../../checks.ts';
import { checkPodStatus, withoutDisabled } from './status.ts';

const app: ContainerStatus = { name: 'app', image: 'i', imageID: '', ready: false, restartCount: 0 };

function complaints(status: PodStatus, nodeName?: string): string[] {
  const metadata = { name: 'it', namespace: 'default' };
  const spec = { containers: [{ name: 'app', image: 'i' }], ...(nodeName !== undefined && { nodeName }) };
  const errors: Errors = [];
  checkPodStatus(errors, { metadata, spec, status } as unknown as Pod, { metadata, spec } as unknown as Pod);
  return errors.map(fieldErrorText);
}

test('a node is nominated for a pod that has none', () => {
  assert.deepEqual(complaints({ nominatedNodeName: 'a' }), []);
  assert.deepEqual(complaints({ nominatedNodeName: 'a' }, 'b'), [
    'status.nominatedNodeName: Forbidden: may not be set on pods that are already bound to a node',
  ]);
});

test('complaints about users and addresses are those of Kubernetes', () => {
  const user = { linux: { uid: -1, gid: 0 } };
  assert.deepEqual(complaints({ containerStatuses: [{ ...app, user }] }), [
    'status.containerStatuses[0].user.linux.uid: Invalid value: -1: must be between 0 and 2147483647, inclusive',
  ]);
  assert.deepEqual(complaints({ podIPs: [{ ip: '1.2.3.4' }, { ip: '1.2.3.5' }] }), [
    'status.podIPs: Invalid value: [{"IP":"1.2.3.4"},{"IP":"1.2.3.5"}]: may specify no more than one IP for each IP family',
  ]);
});

test('what belongs to features that are off is dropped', () => {
  const mount = { name: 'v', mountPath: '/v' };
  const volumeMounts = [{ ...mount, volumeStatus: { image: { imageRef: 'x' } } }];
  const status = { containerStatuses: [{ ...app, volumeMounts }], nodeAllocatableResourceClaimStatuses: [] };
  assert.deepEqual(withoutDisabled(status as unknown as PodStatus), {
    containerStatuses: [{ ...app, volumeMounts: [mount] }],
  });
});
