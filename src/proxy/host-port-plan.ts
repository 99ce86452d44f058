import type { ContainerPort, Pod } from '../api/core/v1/types.ts';
import { ipv4Text } from '../apimachinery/ip.ts';
import { endpointText } from './backends.ts';
import { isWildcard, whyNoHostIp } from './foreign-addresses.ts';
import type { NodeView } from './node-view.ts';
import type { Frontend, Group, Protocol, TrafficPlan } from './traffic-plan.ts';

/** What the packet rules of a node are to do for the host ports of one of its pods. */
export function planHostPorts({ metadata, spec, status }: Readonly<Pod>, node: NodeView): TrafficPlan {
  const address = ipv4Text(status?.podIP ?? '');
  const isOver = status?.phase === 'Succeeded' || status?.phase === 'Failed';
  const ports = spec.hostNetwork || isOver ? [] : portsOf(spec).filter(({ hostPort }) => hostPort);
  if (address === undefined || ports.length === 0) return { frontends: [], groups: [], hairpins: [] };
  const groups = ports.map(({ containerPort, protocol = 'TCP' }): Group => ({
    name: `pod ${metadata.namespace}/${metadata.name}:${containerPort}/${protocol}`,
    endpoints: [endpointText({ address, port: containerPort })],
    otherwise: 'refuse',
  }));
  const frontends = ports.flatMap((port, index): Frontend[] =>
    hostAddresses(port, node).map((host) => ({
      address: host,
      class: node.addresses.includes(host) ? 'node' : 'external',
      protocol: (port.protocol ?? 'TCP').toLowerCase() as Protocol,
      port: port.hostPort!,
      group: groups[index]!.name,
    })),
  );
  const { creationTimestamp: since } = metadata;
  return {
    ...(since !== undefined && { since }),
    frontends,
    groups: [...new Map(groups.map((group) => [group.name, group])).values()],
    hairpins: [address],
  };
}

/** Init containers that go on running beside the others have ports too. */
function portsOf({ containers, initContainers = [] }: Pod['spec']): ContainerPort[] {
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...containers, ...sidecars].flatMap(({ ports = [] }) => ports);
}

function hostAddresses({ hostIP = '' }: ContainerPort, node: NodeView): readonly string[] {
  if (isWildcard(hostIP)) return node.addresses;
  const address = ipv4Text(hostIP);
  return address === undefined || whyNoHostIp(address, node) !== undefined ? [] : [address];
}
