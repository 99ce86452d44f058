import type { Node, Pod, Service } from '../api/core/v1/types.ts';
import type { EndpointSlice } from '../api/discovery/v1/types.ts';
import { keyFromText, keyText } from '../apimachinery/object.ts';
import type { Clock } from '../base/clock.ts';
import type { Informer } from '../client/informer.ts';
import { planHostPorts } from './host-port-plan.ts';
import { changesAddresses, nodeAddresses } from './node-addresses.ts';
import type { NodeView } from './node-view.ts';
import type { RuleModel } from './rule-model.ts';
import { planService } from './service-plan.ts';

export interface FollowOptions {
  readonly services: Informer<Service>;
  /** Has the index `service`, by {@link serviceOf}. */
  readonly slices: Informer<EndpointSlice>;
  readonly nodes: Informer<Node>;
  /** Those of this node. */
  readonly pods: Informer<Pod>;
  readonly node: Omit<NodeView, 'zone'>;
  readonly model: RuleModel;
  readonly clock: Clock;
  /** Called for every change, also one that will turn out to change nothing in the model. */
  readonly onNews: () => void;
}

/** Keeps a model up to date with objects. */
export interface Following {
  /** Plans anew what has changed. Answers the resource version of EndpointSlices that the model then shows. */
  update(): Promise<string>;
  stop(): void;
}

const zoneLabel = 'topology.kubernetes.io/zone';
const serviceNameLabel = 'kubernetes.io/service-name';
/** How many Services are planned before others get their turn. */
const plannedAtOnce = 200;

/** Index of a slice: its Service's `namespace/name`. */
export function serviceOf({ metadata }: Readonly<EndpointSlice>): string {
  return `${metadata.namespace}/${metadata.labels?.[serviceNameLabel] ?? ''}`;
}

export function followModel(options: FollowOptions): Following {
  const { services, slices, nodes, pods, model, clock, onNews } = options;
  const changedServices = new Set<string>();
  const changedPods = new Set<string>();
  let node = viewNow();
  /** Addresses of nodes have changed: who asks for one may get it now, or no more. */
  let isViewOld = false;

  function viewNow(): NodeView {
    const zone = nodes.get({ name: options.node.name })?.metadata.labels?.[zoneLabel];
    return { ...options.node, nodeAddresses: nodeAddresses(nodes.list()), ...(zone && { zone }) };
  }
  function lookAgain(): void {
    isViewOld = false;
    node = viewNow();
    for (const { metadata, spec } of services.list())
      if (spec.externalIPs?.length || spec.type === 'LoadBalancer') changedServices.add(keyText(metadata));
    for (const { metadata } of pods.list()) changedPods.add(keyText(metadata));
  }
  function news(changed: Set<string>, key: string): void {
    changed.add(key);
    onNews();
  }
  function planOne(): void {
    const [service] = changedServices;
    if (service !== undefined) {
      changedServices.delete(service);
      const object = services.get(keyFromText(service));
      model.set(`service ${service}`, object && planService(object, slices.byIndex('service', service), node));
      return;
    }
    const [pod = ''] = changedPods;
    changedPods.delete(pod);
    const object = pods.get(keyFromText(pod));
    model.set(`pod ${pod}`, object && planHostPorts(object, node));
  }

  const stops = [
    services.onChange(({ object }) => news(changedServices, keyText(object.metadata))),
    slices.onChange((change) => {
      news(changedServices, serviceOf(change.object));
      if (change.type === 'updated') news(changedServices, serviceOf(change.old));
    }),
    pods.onChange(({ object }) => news(changedPods, keyText(object.metadata))),
    nodes.onChange((change) => {
      const { object } = change;
      if (change.type !== 'updated' || changesAddresses(object, change.old)) {
        isViewOld = true;
        onNews();
      }
      if (object.metadata.name !== node.name || viewNow().zone === node.zone) return;
      node = viewNow();
      for (const { metadata } of services.list()) news(changedServices, keyText(metadata));
    }),
  ];

  return {
    async update() {
      if (isViewOld) lookAgain();
      for (let planned = 1; changedServices.size + changedPods.size > 0; planned++) {
        planOne();
        if (planned % plannedAtOnce === 0) await clock.sleep(0);
      }
      return slices.resourceVersion();
    },
    stop: () => stops.forEach((stop) => stop()),
  };
}
