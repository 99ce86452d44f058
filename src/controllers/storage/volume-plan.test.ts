import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/core/v1/types.ts';
import { planVolume } from './volume-plan.ts';

const claimRef = { namespace: 'shop', name: 'data', uid: 'c1' };
const chosen = { 'pv.kubernetes.io/bound-by-controller': 'yes' };
const made = { 'pv.kubernetes.io/provisioned-by': 'example.com/disks' };
const claim = (spec: object = {}, uid = 'c1') =>
  ({ metadata: { name: 'data', namespace: 'shop', uid }, spec }) as PersistentVolumeClaim;

interface Row {
  readonly name: string;
  readonly spec?: object;
  readonly annotations?: Record<string, string>;
  readonly phase?: string;
  readonly claim?: PersistentVolumeClaim;
  readonly want: object;
}

const failed = (reason: string, message: string) => ({
  kind: 'phase',
  phase: 'Failed',
  message,
  event: { type: 'Warning', reason, message },
});

const rows: Row[] = [
  { name: 'that nobody claims is free', want: { kind: 'phase', phase: 'Available' } },
  {
    name: 'reserved for a claim that has not come is free',
    spec: { claimRef: { namespace: 'shop', name: 'data' } },
    want: { kind: 'phase', phase: 'Available' },
  },
  {
    name: 'of a claim that names it is bound',
    spec: { claimRef },
    claim: claim({ volumeName: 'it' }),
    want: { kind: 'phase', phase: 'Bound' },
  },
  { name: 'of a claim that does not know asks it', spec: { claimRef }, claim: claim(), want: { kind: 'askClaim' } },
  {
    name: 'of a claim for blocks says that it cannot be',
    spec: { claimRef },
    claim: claim({ volumeMode: 'Block' }),
    want: {
      kind: 'mismatch',
      onVolume: {
        type: 'Warning',
        reason: 'VolumeMismatch',
        message:
          'Cannot bind PersistentVolume to requested PersistentVolumeClaim "data" due to incompatible volumeMode.',
      },
      onClaim: {
        type: 'Warning',
        reason: 'VolumeMismatch',
        message: 'Cannot bind PersistentVolume "it" to requested PersistentVolumeClaim due to incompatible volumeMode.',
      },
    },
  },
  {
    name: 'whose claim has another is free again',
    spec: { claimRef },
    annotations: chosen,
    claim: claim({ volumeName: 'other' }),
    want: { kind: 'unbind', keepName: false },
  },
  {
    name: 'that was reserved by hand stays so',
    spec: { claimRef },
    claim: claim({ volumeName: 'other' }),
    want: { kind: 'unbind', keepName: true },
  },
  {
    name: 'that was made in vain is given up',
    spec: { claimRef, persistentVolumeReclaimPolicy: 'Delete' },
    annotations: made,
    claim: claim({ volumeName: 'other' }),
    want: { kind: 'phase', phase: 'Released' },
  },
  { name: 'whose claim is gone is released', spec: { claimRef }, want: { kind: 'phase', phase: 'Released' } },
  {
    name: 'whose claim is gone and has a namesake is released',
    spec: { claimRef },
    claim: claim({}, 'c2'),
    want: { kind: 'phase', phase: 'Released' },
  },
  { name: 'to be retained stays', spec: { claimRef }, phase: 'Released', want: { kind: 'nothing' } },
  {
    name: 'to be deleted by its maker is left to that',
    spec: { claimRef, persistentVolumeReclaimPolicy: 'Delete' },
    annotations: made,
    phase: 'Released',
    want: { kind: 'nothing' },
  },
  {
    name: 'to be deleted that nobody can delete has failed',
    spec: { claimRef, persistentVolumeReclaimPolicy: 'Delete' },
    phase: 'Released',
    want: failed(
      'VolumeFailedDelete',
      'error getting deleter volume plugin for volume "it": no deletable volume plugin matched',
    ),
  },
  {
    name: 'to be recycled has failed',
    spec: { claimRef, persistentVolumeReclaimPolicy: 'Recycle' },
    phase: 'Released',
    want: failed('VolumeFailedRecycle', 'No recycler plugin found for the volume!'),
  },
];

for (const { name, spec = {}, annotations = {}, phase, claim: of, want } of rows)
  test(`a volume ${name}`, () => {
    const volume = { metadata: { name: 'it', annotations }, spec, status: { phase } } as PersistentVolume;
    assert.deepEqual(planVolume(volume, of), want);
  });
