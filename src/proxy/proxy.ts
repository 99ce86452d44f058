import { Nodes, Pods, Services, type Node, type Pod, type Service } from '../api/core/v1/types.ts';
import { EndpointSlices, type EndpointSlice } from '../api/discovery/v1/types.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import { createInformer } from '../client/informer-cache.ts';
import type { Informer } from '../client/informer.ts';
import { BatchLoop } from './batch-loop.ts';
import { followModel, serviceOf } from './follow-model.ts';
import type { Kernel } from './kernel.ts';
import type { NodeView } from './node-view.ts';
import { RuleModel } from './rule-model.ts';
import { RuleWriter } from './rule-writer.ts';
import { serviceTable } from './service-table.ts';

export interface ProxyOptions {
  /** Reads Services, EndpointSlices and nodes. */
  readonly client: Client;
  /** Reads the pods of this node, which the proxy's own role does not allow: the node's client. */
  readonly podClient: Client;
  readonly node: Omit<NodeView, 'zone'>;
  readonly kernel: Kernel;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /**
   * Called when the kernel shows every change of EndpointSlices up to this resource version, which is that of the
   * informer: after each transaction, and after changes that need none.
   */
  readonly onApplied?: (resourceVersion: string) => void;
}

export interface Proxy {
  /** What it sees, for others on this node. */
  readonly services: Informer<Service>;
  readonly slices: Informer<EndpointSlice>;
  readonly nodes: Informer<Node>;
  /** Those of this node. */
  readonly pods: Informer<Pod>;
  /** The kernel has the rules of all that there was at the start. */
  readonly started: Promise<void>;
  /** Whether the kernel took what it was given last. */
  readonly isHealthy: () => boolean;
  /** Resolves after the signal has aborted and nothing is written any more. The rules stay: connections go on. */
  readonly stopped: Promise<void>;
}

/** Changes that come within this time are one transaction. */
const gatherMs = 3;

/** Makes the Services of the cluster work on this node, until the signal aborts. */
export function startProxy(options: ProxyOptions): Proxy {
  const { client, podClient, node, kernel, clock, random, log, signal, onApplied } = options;
  const informing = { clock, random, log, signal };
  const services = createInformer<Service>(client, Services, informing);
  const slices = createInformer<EndpointSlice>(client, EndpointSlices, {
    ...informing,
    indexes: { service: (slice) => [serviceOf(slice)] },
  });
  const nodes = createInformer<Node>(client, Nodes, informing);
  const pods = createInformer<Pod>(podClient, Pods, { ...informing, fieldSelector: `spec.nodeName=${node.name}` });
  const firstWrite = Promise.withResolvers<void>();
  let isHealthy = true;
  const stopped = run();
  const started = Promise.race([firstWrite.promise, stopped]);
  return { services, slices, nodes, pods, started, isHealthy: () => isHealthy, stopped };

  async function run(): Promise<void> {
    await Promise.allSettled([services, slices, nodes, pods].map((informer) => informer.synced()));
    if (signal.aborted) return;
    const model = new RuleModel();
    const writer = new RuleWriter(kernel, serviceTable(node));
    const loop = new BatchLoop({
      clock,
      random,
      signal,
      gatherMs,
      onFailure(error, retryMs) {
        isHealthy = false;
        log.error('packet rules were not written', { error: String(error), retryMs });
      },
      async work() {
        const resourceVersion = await following.update();
        const written = await writer.write(model);
        if (written.kind !== 'nothing') log.debug('packet rules written', { ...written });
        isHealthy = true;
        firstWrite.resolve();
        onApplied?.(resourceVersion);
      },
    });
    const following = followModel({ services, slices, nodes, pods, node, model, clock, onNews: () => loop.news() });
    loop.news(); // a cluster without a Service has a table too
    await loop.run();
    following.stop();
  }
}
