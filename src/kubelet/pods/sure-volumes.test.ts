import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Volume, VolumeProjection } from '../../api/core/v1/types.ts';
import { makePod } from '../testing/pods.ts';
import { volumesSurelyCome } from './sure-volumes.ts';

const token: VolumeProjection = { serviceAccountToken: { path: 'token' } };
const certificates: VolumeProjection = { configMap: { name: 'kube-root-ca.crt' } };
const fields: VolumeProjection = { downwardAPI: { items: [] } };

const rows: { name: string; volumes: Omit<Volume, 'name'>[]; want: boolean }[] = [
  { name: 'none', volumes: [], want: true },
  {
    name: 'a folder, fields and an image',
    volumes: [{ emptyDir: {} }, { downwardAPI: {} }, { image: {} }],
    want: true,
  },
  { name: 'the token', volumes: [{ projected: { sources: [token, certificates, fields] } }], want: true },
  {
    name: "a user's ConfigMap beside it",
    volumes: [{ projected: { sources: [token, { configMap: { name: 'a' } }] } }],
    want: false,
  },
  { name: 'a ConfigMap', volumes: [{ emptyDir: {} }, { configMap: { name: 'a' } }], want: false },
  { name: 'a Secret', volumes: [{ secret: { secretName: 'a' } }], want: false },
  { name: 'a claim', volumes: [{ persistentVolumeClaim: { claimName: 'a' } }], want: false },
  { name: "a folder of the node's", volumes: [{ hostPath: { path: '/a' } }], want: false },
];
for (const { name, volumes, want } of rows)
  test(`${want ? 'a sandbox is made beside' : 'a sandbox waits for'} volumes: ${name}`, () => {
    const pod = makePod({ volumes: volumes.map((volume, at) => ({ name: `v${at}`, ...volume })) });
    assert.equal(volumesSurelyCome(pod), want);
  });
