import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import { reportApplied } from '../client/applied-reports.ts';
import type { Client } from '../client/client.ts';
import type { AgentProgramConfig } from '../local/program-config.ts';
import { keepPodRoutes } from '../network/route-keeper.ts';
import { machineRoutes } from '../network/route-table.ts';
import { openAddresses } from '../proxy/announced-addresses.ts';
import { keepAnnouncing } from '../proxy/announcer.ts';
import { keepHealthChecks } from '../proxy/health-checks.ts';
import { openKernel } from '../proxy/kernel.ts';
import { reportDenials, type DenialReporter } from '../proxy/policy/denial-reporter.ts';
import { enforcePolicies, type Enforcer } from '../proxy/policy/enforcer.ts';
import { openRefusalSets } from '../proxy/policy/refusal-sets.ts';
import { startProxy } from '../proxy/proxy.ts';
import { reportRefusals } from '../proxy/refusal-reporter.ts';
import { createEventRecorder } from '../reconciler/event-writer.ts';
import { connectAs } from './agent-client.ts';

export interface AgentNetworkSources {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** The node's own client, which may read the node's pods. */
  readonly podClient: Client;
}

export interface AgentNetwork extends AsyncDisposable {
  readonly isolatePod: Enforcer['isolate'];
  /** What network policies have refused on this node. */
  readonly denied: DenialReporter['denied'];
}

/**
 * Keeps a node's part of the cluster's network: the routes to the pods of other nodes, the Services and the network
 * policies. All as the proxy's user, for a kubelet may read its own node only. What they made stays when they end.
 */
export async function startAgentNetwork(
  { node, address, podCidr, serviceCidr, pki }: AgentProgramConfig,
  { clock, random, log, podClient }: AgentNetworkSources,
): Promise<AgentNetwork> {
  await using opened = new AsyncDisposableStack();
  const { client, transport } = opened.use(await connectAs('kube-proxy', pki.clients.proxy, { clock, random, log }));
  const stop = new AbortController();
  const { signal } = stop;
  const sources = { clock, random, log: log.with({ component: 'proxy' }), signal };
  const view = { name: node, addresses: [address], podCidr, serviceCidr };
  const reports = reportApplied({ ...sources, sender: transport, node, component: 'kube-proxy' });
  const onApplied = (resourceVersion: string): void => reports.applied(resourceVersion);
  const kernel = opened.use(openKernel());
  const proxy = startProxy({ ...sources, client, podClient, node: view, kernel, onApplied });
  const enforcer = enforcePolicies({ ...sources, client, nodeName: node, kernel });
  const announcing = keepAnnouncing({ ...sources, proxy, node: view, addresses: openAddresses() });
  const answering = keepHealthChecks({ ...sources, proxy, nodeName: node });
  void proxy.started.then(() => signal.aborted || log.info('Services work on this node'));
  const events = createEventRecorder({ ...sources, client, component: 'kube-proxy', host: node });
  const telling = reportRefusals({ ...sources, proxy, node: view, events });
  const denials = reportDenials({ ...sources, enforcer, sets: openRefusalSets(), events });
  const kept = keepPodRoutes({ nodes: proxy.nodes, self: node, table: machineRoutes, clock, log, signal });
  opened.defer(async () => {
    stop.abort();
    await Promise.all([proxy.stopped, enforcer.stopped, denials.stopped, announcing, answering, telling, kept]);
  });
  const resources = opened.move();
  return {
    isolatePod: enforcer.isolate,
    denied: denials.denied,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
