import type { Container, Pod } from '../../api/core/v1/types.ts';
import { deepFreeze } from '../../apimachinery/freeze.ts';
import type { KubeObject } from '../../apimachinery/object.ts';

/** What policies need of a pod: a node keeps those of the whole cluster. */
export function slimPod<T extends KubeObject>(object: T): T {
  const { apiVersion, kind, metadata, spec, status } = object as unknown as Pod;
  const { namespace, name, uid, resourceVersion, labels, deletionTimestamp } = metadata;
  const { nodeName, hostNetwork, containers, initContainers } = spec;
  const { podIP, phase } = status ?? {};
  const slim = {
    apiVersion,
    kind,
    metadata: { namespace, name, uid, resourceVersion, labels, deletionTimestamp },
    spec: { nodeName, hostNetwork, containers: withPorts(containers), initContainers: withPorts(initContainers) },
    status: { podIP, phase },
  };
  return deepFreeze(slim) as unknown as T;
}

function withPorts(containers: readonly Container[] = []): unknown[] {
  return containers
    .filter(({ ports }) => ports?.length)
    .map(({ name, ports, restartPolicy }) => ({ name, ports, restartPolicy }));
}
