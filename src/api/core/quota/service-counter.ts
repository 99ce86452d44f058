import { quantityOf } from '../../../apimachinery/quantity.ts';
import type { Service } from '../v1/types.ts';
import { one } from './amounts.ts';
import type { Counter } from './counter.ts';

const bounded = ['count/services', 'services', 'services.nodeports', 'services.loadbalancers'];

/** Services count by themselves, and by the node ports that they want. */
export const serviceCounter: Counter<Service> = {
  counts: (name) => bounded.includes(name),

  usage(service) {
    const isBalanced = service.spec.type === 'LoadBalancer';
    return {
      'count/services': one,
      services: one,
      'services.nodeports': quantityOf(nodePortsOf(service)),
      'services.loadbalancers': quantityOf(isBalanced ? 1 : 0),
    };
  },

  changesBy: (subresource) => subresource === undefined,

  frees: (service, old) => exposure(service) !== exposure(old),
};

/** Ports may have no number yet: what counts is that they will have one. */
function nodePortsOf({
  spec: { type, ports = [], allocateLoadBalancerNodePorts: allocates },
}: Readonly<Service>): number {
  if (type === 'LoadBalancer' && allocates === false) return ports.filter(({ nodePort }) => nodePort).length;
  return type === 'NodePort' || type === 'LoadBalancer' ? ports.length : 0;
}

function exposure({ spec: { type } }: Readonly<Service>): string {
  return type === 'NodePort' || type === 'LoadBalancer' ? type : '';
}
