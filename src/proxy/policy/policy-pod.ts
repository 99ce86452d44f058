import type { Pod } from '../../api/core/v1/types.ts';
import { keyText } from '../../apimachinery/object.ts';
import { ipv4Text } from '../../apimachinery/ip.ts';
import type { Labels } from '../../apimachinery/selectors/requirement.ts';
import type { Protocol } from '../traffic-plan.ts';

/** A port that has a name. */
export interface NamedPort {
  readonly name: string;
  readonly protocol: Protocol;
  readonly port: number;
}

/** What policies know of a pod that has an address of its own in the pod network. */
export interface PolicyPod {
  /** `namespace/name`. */
  readonly key: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly address: string;
  /** Whether it is on the node whose rules these are. */
  readonly isLocal: boolean;
  readonly namedPorts: readonly NamedPort[];
}

/**
 * `undefined`: no policy is about the pod. It uses the node's network, or has no address, or does not run any more and
 * another may have its address. `newAddress`: where the status does not tell it yet.
 */
export function policyPod(pod: Readonly<Pod>, nodeName: string, newAddress?: string): PolicyPod | undefined {
  const { metadata, spec, status } = pod;
  const address = ipv4Text(newAddress ?? status?.podIP ?? '');
  const isOver = status?.phase === 'Succeeded' || status?.phase === 'Failed';
  if (address === undefined || isOver || spec.hostNetwork === true) return undefined;
  return {
    key: keyText(metadata),
    namespace: metadata.namespace ?? '',
    labels: metadata.labels ?? {},
    address,
    isLocal: spec.nodeName === nodeName,
    namedPorts: namedPorts(spec),
  };
}

export function samePod(one: PolicyPod | undefined, other: PolicyPod | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.address === other.address && one.isLocal === other.isLocal && textOf(one) === textOf(other);
}

/** Init containers that go on running beside the others have ports too. */
function namedPorts({ containers, initContainers = [] }: Pod['spec']): NamedPort[] {
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...containers, ...sidecars].flatMap(({ ports = [] }) =>
    ports.flatMap(({ name, containerPort: port, protocol = 'TCP' }) =>
      name ? [{ name, protocol: protocol.toLowerCase() as Protocol, port }] : [],
    ),
  );
}

function textOf({ labels, namedPorts: ports }: PolicyPod): string {
  return JSON.stringify([labels, ports]);
}
