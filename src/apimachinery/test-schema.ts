import type { Schema } from './schema.ts';

/** A small schema for tests, in the form of the recorded facts. */
export const testSchema: Schema = {
  Pod: {
    fields: {
      apiVersion: { type: 'string', zero: 'omitted' },
      kind: { type: 'string', zero: 'omitted' },
      metadata: { ref: 'Meta', zero: 'shown' },
      spec: { ref: 'PodSpec', zero: 'shown' },
      status: { ref: 'PodStatus', zero: 'shown' },
    },
  },
  Meta: {
    fields: {
      name: { type: 'string', zero: 'omitted' },
      namespace: { type: 'string', zero: 'omitted' },
      labels: { map: { type: 'string' } },
      annotations: { map: { type: 'string' } },
      finalizers: { array: { type: 'string' }, listType: 'set', patchStrategy: 'merge' },
      creationTimestamp: { ref: 'io.k8s.apimachinery.pkg.apis.meta.v1.Time', zero: 'omitted' },
      managedFields: { array: { ref: 'Any' }, listType: 'atomic' },
      ownerReferences: { array: { ref: 'Owner' }, listType: 'map', listMapKeys: ['uid'] },
      resourceVersion: { type: 'string', zero: 'omitted' },
      uid: { type: 'string', zero: 'omitted' },
    },
  },
  Owner: { mapType: 'atomic', fields: { uid: { type: 'string' }, name: { type: 'string' } } },
  Any: { type: 'object' },
  PodSpec: {
    fields: {
      containers: {
        array: { ref: 'Container' },
        listType: 'map',
        listMapKeys: ['name'],
        required: true,
        zero: 'shown',
      },
      hostNetwork: { type: 'boolean', zero: 'omitted' },
      replicas: { type: 'integer', format: 'int32' },
      deadline: { type: 'integer', format: 'int64' },
      selector: { map: { type: 'string' }, mapType: 'atomic' },
      tolerations: { array: { ref: 'Toleration' }, listType: 'atomic' },
      rolling: { ref: 'Rolling' },
      secret: { map: { type: 'string', format: 'byte' } },
      ratio: { type: 'number', format: 'double' },
    },
  },
  Toleration: { fields: { key: { type: 'string', zero: 'omitted' } } },
  Rolling: { fields: { surge: { ref: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString' } } },
  Container: {
    fields: {
      name: { type: 'string', default: '', required: true, zero: 'shown' },
      image: { type: 'string', zero: 'omitted' },
      args: { array: { type: 'string' }, listType: 'atomic' },
      limits: { map: { ref: 'io.k8s.apimachinery.pkg.api.resource.Quantity' } },
      ports: { array: { ref: 'Port' }, listType: 'map', listMapKeys: ['port', 'protocol'] },
      resources: { ref: 'Resources', zero: 'shown' },
    },
  },
  Resources: { fields: { claims: { array: { type: 'string' } } } },
  Port: {
    fields: {
      port: { type: 'integer', format: 'int32', default: 0, required: true, zero: 'shown' },
      protocol: { type: 'string', default: 'TCP', zero: 'omitted' },
      name: { type: 'string', zero: 'omitted' },
    },
  },
  PodStatus: {
    fields: {
      phase: { type: 'string', zero: 'omitted' },
      conditions: { array: { ref: 'Condition' }, listType: 'map', listMapKeys: ['type'] },
    },
  },
  Condition: {
    fields: {
      type: { type: 'string', default: '', required: true, zero: 'shown' },
      status: { type: 'string', default: '', required: true, zero: 'shown' },
      lastProbeTime: { ref: 'io.k8s.apimachinery.pkg.apis.meta.v1.Time', zero: 'shown' },
    },
  },
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': { type: 'string' },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: 'int-or-string' },
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: 'int-or-string' },
};
