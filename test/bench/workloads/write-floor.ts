import type { Pod } from '../../../src/api/core/v1/types.ts';
import { pod } from './objects.ts';

/** So many different objects are kept, so that not all is found where the processor has it at hand. */
const objects = 4000;

/**
 * CPU for each write, in milliseconds, of what no server of JSON can do without: each object is encoded, its bytes are kept
 * under a name, and are decoded once for those who watch. Nothing is checked, owned, admitted or told.
 */
export function writeFloorMs(): number {
  const kept = new Map<string, Uint8Array>();
  const seen = new Map<string, unknown>();
  const before = process.cpuUsage();
  for (let i = 0; i < objects; i++) {
    const object = withStatus(pod('basic', i, objects), i);
    const bytes = Buffer.from(JSON.stringify(object));
    kept.set(object.metadata.name, bytes);
    seen.set(object.metadata.name, JSON.parse(bytes.toString()));
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / objects;
}

/** As large as a pod that runs, with its managed fields. */
function withStatus({ metadata, spec }: Pod, index: number): Pod {
  const time = '2026-01-01T00:00:00Z';
  const conditions = ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => ({
    type,
    status: 'True',
    lastTransitionTime: time,
  }));
  const fieldsV1 = {
    'f:status': { 'f:conditions': { 'k:{"type":"Ready"}': { '.': {}, 'f:status': {}, 'f:type': {} } } },
  };
  const managedFields = ['kube-controller-manager', 'kubelet'].map((manager) => ({
    manager,
    operation: 'Update',
    apiVersion: 'v1',
    time,
    fieldsType: 'FieldsV1',
    fieldsV1,
  }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, uid: `uid-${index}`, creationTimestamp: time, managedFields },
    spec: { ...spec, nodeName: `node-${index}`, serviceAccountName: 'default' },
    status: { phase: 'Running', podIP: `10.0.0.${index % 256}`, conditions },
  } as Pod;
}
