import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from '../../api/apps/v1/types.ts';
import type { Node, Pod, Service } from '../../api/core/v1/types.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { labelSelectorText } from '../../apimachinery/selectors/label-selector.ts';

/** A name and a value; what has no value is not worth a line. */
export type Fact = readonly [name: string, value: string | undefined];

/** What else is worth knowing of an object than what its row says. */
export function factsOf(object: Readonly<KubeObject>): readonly Fact[] {
  switch (object.kind) {
    case 'Pod':
      return podFacts(object as Pod);
    case 'Node':
      return nodeFacts(object as Node);
    case 'Service':
      return serviceFacts(object as Service);
    case 'Deployment':
      return [['Strategy', (object as Deployment).spec.strategy?.type], ...workloadFacts(object as Deployment)];
    case 'ReplicaSet':
    case 'StatefulSet':
    case 'DaemonSet':
      return workloadFacts(object as ReplicaSet | StatefulSet | DaemonSet);
    default:
      return [];
  }
}

function podFacts({ spec, status = {} }: Pod): Fact[] {
  return [
    ['Node', spec.nodeName],
    ['Addresses', status.podIPs?.map(({ ip }) => ip).join(', ')],
    ['Quality of service', status.qosClass],
    ['Service account', spec.serviceAccountName],
    ['Message', status.message],
  ];
}

function nodeFacts({ spec = {}, status = {} }: Node): Fact[] {
  const { nodeInfo, addresses = [] } = status;
  return [
    ['Addresses', addresses.map(({ address }) => address).join(', ')],
    ['Pod addresses', spec.podCIDRs?.join(', ')],
    ['Taints', spec.taints?.map(({ key, value, effect }) => `${key}${value ? `=${value}` : ''}:${effect}`).join(', ')],
    ['System', nodeInfo?.osImage],
    ['Kernel', nodeInfo?.kernelVersion],
    ['Runtime', nodeInfo?.containerRuntimeVersion],
  ];
}

function serviceFacts({ spec = {} }: Service): Fact[] {
  const { selector, sessionAffinity, externalTrafficPolicy, ports = [] } = spec;
  const portTexts = ports.map(({ name, port, targetPort, nodePort, protocol = 'TCP' }) => {
    const from = nodePort === undefined ? `${port}` : `${port}, node port ${nodePort}`;
    return `${name === undefined ? '' : `${name}: `}${from} → ${targetPort ?? port} (${protocol})`;
  });
  return [
    ['Selector', labelSelectorText({ matchLabels: selector })],
    ['Ports', portTexts.join('; ')],
    ['Session affinity', sessionAffinity],
    ['External traffic', externalTrafficPolicy],
  ];
}

function workloadFacts({ spec }: Deployment | ReplicaSet | StatefulSet | DaemonSet): Fact[] {
  return [
    ['Selector', labelSelectorText(spec.selector)],
    ['Images', spec.template?.spec?.containers.map(({ image = '' }) => image).join(', ')],
  ];
}
