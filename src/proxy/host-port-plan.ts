import type { ContainerPort, Pod } from '../api/core/v1/types.ts';
import { isIpv4 } from '../apimachinery/ip.ts';
import { endpointText } from './backends.ts';
import type { NodeView } from './node-view.ts';
import type { Frontend, Group, Protocol, TrafficPlan } from './traffic-plan.ts';

/** What the packet rules of a node are to do for the host ports of one of its pods. */
export function planHostPorts({ metadata, spec, status }: Readonly<Pod>, node: NodeView): TrafficPlan {
  const address = status?.podIP;
  const isOver = status?.phase === 'Succeeded' || status?.phase === 'Failed';
  const ports = spec.hostNetwork || isOver ? [] : portsOf(spec).filter(({ hostPort }) => hostPort);
  if (address === undefined || !isIpv4(address) || ports.length === 0)
    return { frontends: [], groups: [], hairpins: [] };
  const groups = ports.map(({ containerPort, protocol = 'TCP' }): Group => ({
    name: `pod ${metadata.namespace}/${metadata.name}:${containerPort}/${protocol}`,
    endpoints: [endpointText({ address, port: containerPort })],
    otherwise: 'refuse',
  }));
  const frontends = ports.flatMap((port, index): Frontend[] =>
    hostAddresses(port, node).map((host) => ({
      address: host,
      protocol: (port.protocol ?? 'TCP').toLowerCase() as Protocol,
      port: port.hostPort!,
      group: groups[index]!.name,
    })),
  );
  return { frontends, groups: [...new Map(groups.map((group) => [group.name, group])).values()], hairpins: [address] };
}

/** Init containers that go on running beside the others have ports too. */
function portsOf({ containers, initContainers = [] }: Pod['spec']): ContainerPort[] {
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...containers, ...sidecars].flatMap(({ ports = [] }) => ports);
}

function hostAddresses({ hostIP = '' }: ContainerPort, { addresses }: NodeView): readonly string[] {
  return hostIP === '' || hostIP === '0.0.0.0' ? addresses : [hostIP].filter(isIpv4);
}
