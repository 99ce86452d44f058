import type { Node } from '../api/core/v1/types.ts';
import type { KubeObject } from '../apimachinery/object.ts';
import { abortable } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { EventRecorder } from '../reconciler/event-recorder.ts';
import { BatchLoop } from './batch-loop.ts';
import { refusalsOfPod, refusalsOfService, type Refusal } from './foreign-addresses.ts';
import { changesAddresses, nodeAddresses } from './node-addresses.ts';
import type { NodeView } from './node-view.ts';
import type { Proxy } from './proxy.ts';
import { isProxied } from './service-plan.ts';

export interface RefusalReporterOptions {
  readonly proxy: Pick<Proxy, 'services' | 'nodes' | 'pods' | 'started'>;
  readonly node: Omit<NodeView, 'zone'>;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
}

const gatherMs = 200;
const reason = 'AddressRefused';

/**
 * Tells, by an event at the Service or the pod, which addresses it asks for in vain and why, once for as long as it asks,
 * until the signal aborts. Each node tells of its own pods; of Services one node tells for all.
 */
export async function reportRefusals(options: RefusalReporterOptions): Promise<void> {
  const { proxy, node, events, clock, random, signal } = options;
  const { services, nodes, pods } = proxy;
  await abortable(proxy.started, signal).catch(() => undefined);
  if (signal.aborted) return;
  let told = new Set<string>();
  const work = async (): Promise<void> => {
    const view = { ...node, nodeAddresses: nodeAddresses(nodes.list()) };
    const seen = new Set<string>();
    const tell = (object: Readonly<KubeObject>, refusals: readonly Refusal[]): void => {
      for (const { field, address, why } of refusals) {
        const message = `Address "${address}" of ${field} is not used: ${why}`;
        const key = `${object.metadata.uid} ${message}`;
        seen.add(key);
        if (!told.has(key)) events.record(object, 'Warning', reason, message);
      }
    };
    for (const pod of pods.list()) tell(pod, refusalsOfPod(pod, view));
    if (teller(nodes.list()) === node.name)
      for (const service of services.list()) if (isProxied(service)) tell(service, refusalsOfService(service, view));
    told = seen;
  };
  const loop = new BatchLoop({ clock, random, signal, gatherMs, work, onFailure: () => {} });
  const stops = [services, pods].map((informer) => informer.onChange(() => loop.news()));
  stops.push(
    nodes.onChange((change) => {
      if (change.type !== 'updated' || matters(change.object, change.old)) loop.news();
    }),
  );
  loop.news();
  await loop.run();
  for (const stop of stops) stop();
}

function matters(now: Readonly<Node>, before: Readonly<Node>): boolean {
  return changesAddresses(now, before) || teller([now]) !== teller([before]);
}

/** The first node that is ready, by name: all come to the same one. */
function teller(nodes: readonly Readonly<Node>[]): string | undefined {
  const isReady = ({ status }: Readonly<Node>) =>
    status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
  return nodes
    .filter(isReady)
    .map(({ metadata }) => metadata.name)
    .sort()[0];
}
