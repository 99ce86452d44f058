import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod, PodStatus } from '../../api/core/v1/types.ts';
import { statusPatch } from './status-patch.ts';

const pod = (status: PodStatus): Pod => ({ metadata: { name: 'web', uid: 'u' }, spec: { containers: [] }, status });
const ready = { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' };

for (const { name, old, wanted, want } of [
  {
    name: 'nothing is sent when nothing changed',
    old: { phase: 'Running' },
    wanted: { phase: 'Running' },
    want: undefined,
  },
  {
    name: 'only what changed is sent',
    old: { phase: 'Pending', hostIP: '1' },
    wanted: { phase: 'Running', hostIP: '1' },
    want: { phase: 'Running' },
  },
  {
    name: 'addresses of the pod are replaced, because the server would merge them',
    old: { podIPs: [{ ip: '10.0.0.1' }] },
    wanted: { podIPs: [{ ip: '10.0.0.2' }] },
    want: { podIPs: [{ $patch: 'replace' }, { ip: '10.0.0.2' }] },
  },
  {
    name: 'addresses of the node are replaced too',
    old: { hostIPs: [{ ip: '192.0.2.1' }] },
    wanted: { hostIPs: [{ ip: '192.0.2.2' }] },
    want: { hostIPs: [{ $patch: 'replace' }, { ip: '192.0.2.2' }] },
  },
  { name: 'a reason that holds no more is taken away', old: { reason: 'Evicted' }, wanted: {}, want: { reason: null } },
  {
    name: 'conditions of others stay, and only a changed one is sent',
    old: {
      conditions: [
        { type: 'Mine', status: 'True' },
        { ...ready, status: 'False', reason: 'Starting' },
      ],
    },
    wanted: { conditions: [ready] },
    want: { conditions: [{ ...ready, reason: null }] },
  },
] as { name: string; old: PodStatus; wanted: PodStatus; want: object | undefined }[]) {
  test(`status patch: ${name}`, () => {
    assert.deepEqual(statusPatch(pod(old), wanted)?.status, want);
  });
}
