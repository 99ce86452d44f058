import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/core/v1/types.ts';
import type { StorageClass } from '../../api/storage/v1/types.ts';
import { planClaim, type ClaimPlan } from './claim-plan.ts';

const size = (storage: string) => ({ storage });
const modes = { accessModes: ['ReadWriteOnce' as const] };
const done = { 'pv.kubernetes.io/bind-completed': 'yes' };
const selected = { 'volume.kubernetes.io/selected-node': 'one' };

function claim(spec: object = {}, annotations: Record<string, string> = {}): PersistentVolumeClaim {
  return {
    metadata: { name: 'data', namespace: 'shop', uid: 'c1', annotations },
    spec: { ...modes, resources: { requests: size('2Gi') }, storageClassName: '', ...spec },
  };
}

function volume(
  name: string,
  storage: string,
  spec: object = {},
  labels: Record<string, string> = {},
): PersistentVolume {
  const status = { phase: 'Available' as const };
  return { metadata: { name, labels }, spec: { ...modes, capacity: size(storage), ...spec }, status };
}

const forClaim = (uid?: string) => ({ claimRef: { namespace: 'shop', name: 'data', ...(uid && { uid }) } });
const forOther = { claimRef: { namespace: 'shop', name: 'other', uid: 'c2' } };
const classes: Record<string, Partial<StorageClass>> = {
  fast: { provisioner: 'example.com/disks', volumeBindingMode: 'Immediate' },
  late: { provisioner: 'example.com/disks', volumeBindingMode: 'WaitForFirstConsumer' },
  manual: { provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'Immediate' },
};

interface Row {
  readonly name: string;
  readonly claim: PersistentVolumeClaim;
  readonly volumes?: readonly PersistentVolume[];
  readonly pods?: readonly string[];
  readonly defaultClass?: string;
  readonly want: string;
}

const rows: Row[] = [
  {
    name: 'takes the smallest that is large enough',
    claim: claim(),
    volumes: [volume('large', '5Gi'), volume('right', '3Gi'), volume('small', '1Gi')],
    want: 'bind right',
  },
  {
    name: 'takes one that was reserved for it rather than a smaller one',
    claim: claim(),
    volumes: [volume('free', '2Gi'), volume('mine', '9Gi', forClaim())],
    want: 'bind mine',
  },
  {
    name: 'leaves what does not fit: another claim, mode, class, or use',
    claim: claim(),
    volumes: [
      volume('taken', '2Gi', forOther),
      volume('block', '2Gi', { volumeMode: 'Block' }),
      volume('classy', '2Gi', { storageClassName: 'fast' }),
      volume('shared', '2Gi', { accessModes: ['ReadOnlyMany'] }),
      { ...volume('released', '2Gi'), status: { phase: 'Released' } },
      { ...volume('going', '2Gi'), metadata: { name: 'going', deletionTimestamp: '2030-01-01T00:00:00Z' } },
    ],
    want: 'Normal FailedBinding: no persistent volumes available for this claim and no storage class is set',
  },
  {
    name: 'selects by labels',
    claim: claim({ selector: { matchLabels: { tier: 'gold' } } }),
    volumes: [volume('plain', '2Gi'), volume('gold', '4Gi', {}, { tier: 'gold' })],
    want: 'bind gold',
  },
  {
    name: 'asks the provisioner of its class',
    claim: claim({ storageClassName: 'fast' }),
    want: "provision by example.com/disks: Waiting for a volume to be created either by the external provisioner 'example.com/disks' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.",
  },
  {
    name: 'of a class that is not there',
    claim: claim({ storageClassName: 'none' }),
    want: 'Warning ProvisioningFailed: storageclass.storage.k8s.io "none" not found',
  },
  {
    name: 'of a class without a provisioner',
    claim: claim({ storageClassName: 'manual' }),
    want: 'Warning ProvisioningFailed: no volume plugin matched name: kubernetes.io/no-provisioner',
  },
  {
    name: 'waits for a pod, though a volume is free',
    claim: claim({ storageClassName: 'late' }),
    volumes: [volume('free', '2Gi', { storageClassName: 'late' })],
    want: 'Normal WaitForFirstConsumer: waiting for first consumer to be created before binding',
  },
  {
    name: 'waits for a pod that is there already',
    claim: claim({ storageClassName: 'late' }),
    pods: ['a', 'b'],
    want: 'Normal WaitForPodScheduled: waiting for pods a,b to be scheduled',
  },
  {
    name: 'asks for a volume once the scheduler has found a node',
    claim: claim({ storageClassName: 'late' }, selected),
    want: "provision by example.com/disks: Waiting for a volume to be created either by the external provisioner 'example.com/disks' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.",
  },
  {
    name: 'without a class gets the default one when nothing fits',
    claim: claim({ storageClassName: undefined }),
    defaultClass: 'fast',
    want: 'setClass fast',
  },
  {
    name: 'with the empty class gets none',
    claim: claim(),
    defaultClass: 'fast',
    want: 'Normal FailedBinding: no persistent volumes available for this claim and no storage class is set',
  },
  {
    name: 'names a volume that is not there yet',
    claim: claim({ volumeName: 'mine' }),
    want: 'wait',
  },
  {
    name: 'names a volume that is too small',
    claim: claim({ volumeName: 'mine' }),
    volumes: [volume('mine', '1Gi')],
    want: 'Warning VolumeMismatch: Cannot bind to requested volume "mine": requested PV is too small',
  },
  {
    name: 'names a volume of another',
    claim: claim({ volumeName: 'mine' }),
    volumes: [volume('mine', '2Gi', forOther)],
    want: 'Warning FailedBinding: volume "mine" already bound to a different claim.',
  },
  {
    name: 'goes on with a binding that was begun',
    claim: claim({ volumeName: 'mine' }),
    volumes: [volume('mine', '2Gi', forClaim('c1'))],
    want: 'bind mine',
  },
  {
    name: 'lost its volume',
    claim: claim({ volumeName: 'mine' }, done),
    want: 'lose: ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!',
  },
  {
    name: 'lost the name of its volume',
    claim: claim({}, done),
    want: 'lose: ClaimLost: Bound claim has lost reference to PersistentVolume. Data on the volume is lost!',
  },
  {
    name: 'was bound to the volume of another',
    claim: claim({ volumeName: 'mine' }, done),
    volumes: [volume('mine', '2Gi', forOther)],
    want: 'lose: ClaimMisbound: Two claims are bound to the same volume, this one is bound incorrectly',
  },
];

for (const { name, claim: one, volumes = [], pods = [], defaultClass, want } of rows)
  test(`a claim ${name}`, () => {
    const classOf = (className: string) =>
      classes[className] && ({ metadata: { name: className }, ...classes[className] } as StorageClass);
    const plan = planClaim(one, {
      volumes: () => volumes,
      volume: (volumeName) => volumes.find(({ metadata }) => metadata.name === volumeName),
      class: classOf,
      defaultClass: () => (defaultClass === undefined ? undefined : classOf(defaultClass)),
      waitingPods: () => pods,
    });
    assert.equal(shown(plan), want);
  });

function shown(plan: ClaimPlan): string {
  switch (plan.kind) {
    case 'bind':
      return `bind ${plan.volume.metadata.name}`;
    case 'wait':
      return plan.event ? `${plan.event.type} ${plan.event.reason}: ${plan.event.message}` : 'wait';
    case 'lose':
      return `lose: ${plan.event.reason}: ${plan.event.message}`;
    case 'setClass':
      return `setClass ${plan.className}`;
    case 'provision':
      return `provision by ${plan.provisioner}: ${plan.event.message}`;
  }
}
