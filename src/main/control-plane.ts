import { startApiServer, type ApiServer, type ApiServerOptions } from '../apiserver/api-server.ts';
import { isRemote } from '../apiserver/aggregation/aggregated-versions.ts';
import type { UserInfo } from '../apiserver/auth/auth.ts';
import { legacyClaims } from '../apiserver/auth/legacy-token.ts';
import type { Random } from '../base/random.ts';
import { Nodes, type Node } from '../api/core/v1/types.ts';
import type { Client } from '../client/client.ts';
import { createClient } from '../client/typed-client.ts';
import { createInformerFactory, type InformerFactory } from '../client/informer-factory.ts';
import { withoutManagedFields } from '../client/transform.ts';
import { allControllers, type ControllerSettings } from '../controllers/list.ts';
import { scrapeNodes } from '../metrics/scraper.ts';
import { UsageWindows } from '../metrics/usage-windows.ts';
import { whileLeading } from '../reconciler/leader-election.ts';
import { startControllers } from '../reconciler/run-controller.ts';
import { startScheduler } from '../scheduler/scheduler.ts';

export interface ControlPlaneOptions extends Omit<ApiServerOptions, 'measurements'> {
  readonly controllers: Omit<ControllerSettings, 'served' | 'issueToken' | 'askForDiscovery'>;
  /** Chance for each part, so that what one draws does not shift what another gets (default: `random` for all). */
  readonly randomOf?: (part: 'controllers' | 'scheduler') => Random;
  /**
   * For several servers over one store: controllers and scheduler work only while this one, by this name, holds their
   * Lease in kube-system. Absent: there is no other.
   */
  readonly identity?: string;
  /**
   * Asks a node's kubelet for the text at a path. With it nodes and pods are measured and `metrics.k8s.io` is served, as in
   * a cluster with a metrics server; without it that group does not exist, as in a Kubernetes on its own.
   */
  readonly askKubelet?: (node: Readonly<Node>, path: string, signal: AbortSignal) => Promise<string>;
}

/** API server, controllers and scheduler of one cluster in this process. */
export interface ControlPlane extends AsyncDisposable {
  readonly api: ApiServer;
  /** What controllers and scheduler see, without managed fields. */
  readonly informers: InformerFactory;
  /** Controllers have their caches and work; where servers are elected, in the first term of this one. */
  readonly started: Promise<void>;
}

/** Starts a whole control plane over a store. Each controller works under its own name, with the rights of its role. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { clock, random, log, askKubelet } = options;
  const windows = new UsageWindows(clock);
  const api = await startApiServer({ ...options, ...(askKubelet && { measurements: windows }) });
  const stop = new AbortController();
  const { signal } = stop;
  const sources = { clock, signal };
  const randomOf = options.randomOf ?? (() => random);

  const observer = createClient(
    api.transport(componentUser('system:kube-controller-manager'), 'kube-controller-manager'),
  );
  const chance = randomOf('controllers');
  // One set for controllers and scheduler.
  const transform = withoutManagedFields();
  const informers = createInformerFactory(observer, { ...sources, random: chance, log, transform });
  const { catalogs } = api.core;
  const served = {
    current: () => catalogs.current.discovered,
    onChange: (listener: () => void) => catalogs.onChange(listener),
  };
  const issueToken: ControllerSettings['issueToken'] = (order) => api.tokenKeys.sign(legacyClaims(order));
  const askForDiscovery: ControllerSettings['askForDiscovery'] = async (service, until) => {
    if (isRemote(service)) await api.remoteDiscovery.ask(service, until);
  };
  const started = Promise.withResolvers<void>();
  const onEventDropped = (component: string): void =>
    void api.droppedEvents.set(component, (api.droppedEvents.get(component) ?? 0) + 1);
  /** Each term has new controllers: some remember what they saw. */
  const control = async (term: AbortSignal): Promise<void> => {
    const controllers = startControllers(
      allControllers({ ...options.controllers, served, issueToken, askForDiscovery }),
      {
        clock,
        signal: term,
        random: chance,
        informers,
        log,
        onEventDropped,
        client: (name) => createClient(api.transport(userOf(name), 'kube-controller-manager')),
      },
    );
    void controllers.started.then(started.resolve);
    await controllers.stopped;
  };
  const scheduling = createClient(api.transport(componentUser('system:kube-scheduler'), 'kube-scheduler'));
  const schedule = (term: AbortSignal): Promise<void> =>
    startScheduler({
      clock,
      signal: term,
      random: randomOf('scheduler'),
      log: log.with({ component: 'scheduler' }),
      client: scheduling,
      informers,
      onEventDropped,
    });
  const elected = (name: string, client: Client, work: (term: AbortSignal) => Promise<void>): Promise<void> => {
    const { identity } = options;
    if (identity === undefined) return work(signal);
    return whileLeading({ ...sources, client, lease: { namespace: 'kube-system', name }, identity, random, log }, work);
  };
  const controllers = elected('kube-controller-manager', observer, control);
  const scheduler = elected('kube-scheduler', scheduling, schedule);
  const metrics =
    askKubelet &&
    scrapeNodes({
      nodes: informers.informer(Nodes),
      windows,
      read: (node, until) => askKubelet(node, '/metrics/resource', until),
      clock,
      log: log.with({ component: 'metrics' }),
      signal,
    });
  componentCheck(api, 'scheduler', scheduler);
  componentCheck(api, 'controller-manager', controllers);
  return {
    api,
    informers,
    started: started.promise,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.allSettled([controllers, scheduler, metrics]);
      await api[Symbol.asyncDispose]();
    },
  };
}

/** The part is well until what it runs in has ended. */
function componentCheck({ components }: ApiServer, name: string, running: Promise<void>): void {
  let problem: string | undefined;
  components.set(name, () => problem);
  running.then(
    () => (problem = 'stopped'),
    (error: unknown) => (problem = error instanceof Error ? error.message : String(error)),
  );
}

/** A component under its own name, or the service account of a controller. */
function userOf(identity: string): UserInfo {
  return identity.startsWith('system:') ? componentUser(identity) : controllerUser(identity);
}

function componentUser(name: string): UserInfo {
  return { name, groups: ['system:authenticated'] };
}

/** The service account that Kubernetes' default roles grant a controller's rights to. */
function controllerUser(controller: string): UserInfo {
  const groups = ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'];
  return { name: `system:serviceaccount:kube-system:${controller}`, groups };
}
