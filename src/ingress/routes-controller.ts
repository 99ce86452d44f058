import { Nodes, Services, type Node, type Service } from '../api/core/v1/types.ts';
import { EndpointSlices, type EndpointSlice } from '../api/discovery/v1/types.ts';
import { IngressClasses, Ingresses, type Ingress } from '../api/networking/v1/types.ts';
import { keyText, type KubeObject, type ObjectKey } from '../apimachinery/object.ts';
import { Backoff } from '../base/backoff.ts';
import { againAfter, type Cluster, type ClusterReader, type Controller } from '../reconciler/controller.ts';
import { equalJson } from '../reconciler/equal-json.ts';
import type { IngressProxy } from './nginx/nginx-writer.ts';
import type { NamedSecrets } from './named-secrets.ts';
import { ProblemReporter } from './problem-reporter.ts';
import { RoutePlanner, type TakenRoutes } from './route-planner.ts';
import { serviceNameLabel } from './routes/endpoints.ts';
import { planEndpoints, withFailures } from './routes/plan-endpoints.ts';
import type { Routes } from './routes/routes.ts';
import { trafficTexts } from './routes/traffic.ts';
import { ReloadPace } from './reload-pace.ts';
import { matters, writerOf } from './status/addresses.ts';
import { servesIngresses, ServingCondition, type Serving } from './status/serving-condition.ts';

export interface RoutesControllerOptions {
  readonly nodeName: string;
  readonly openNginx: () => Promise<IngressProxy>;
  /** `onChange`: called when a Secret has changed that is followed. */
  readonly followSecrets: (onChange: () => void) => NamedSecrets;
  /** The newest resource version of EndpointSlices that the caches show. */
  readonly slicesVersion: () => string;
  /** Called when it is found that nginx runs, and when that is over. */
  readonly onRunning: (isRunning: boolean) => void;
  /** Called when nginx works with all EndpointSlices up to this resource version. */
  readonly onApplied: (resourceVersion: string) => void;
}

/** There is one thing to bring about, so there is one key. */
const everything: ObjectKey = { name: 'nginx' };
/** How often its log is looked at, and how soon it is seen that an nginx has ended which cannot tell. */
const lookEveryMs = { ofOwn: 10_000, ofAdopted: 2_000 };
const retries = { initialMs: 100, maximumMs: 10_000 };
/** How long backends stay that no route names any more: workers of the configuration before finish with them. */
const retireMs = 3_000;

/**
 * Keeps nginx as the cluster's Ingresses want it. A change of endpoints is worked out for its Service alone and told to
 * the running nginx; everything else plans anew, and reloads nginx if its configuration turns out to be another one.
 */
export function routesController(options: RoutesControllerOptions): Controller {
  const { nodeName, openNginx, followSecrets, slicesVersion, onRunning, onApplied } = options;
  const reporter = new ProblemReporter();
  const backoff = new Backoff(retries);
  const condition = new ServingCondition(nodeName);
  const changed = { routes: true, services: new Set<string>() };
  let wake: () => void = () => {};
  const planner = new RoutePlanner(
    followSecrets(() => {
      changed.routes = true;
      wake();
    }),
  );
  const pace = new ReloadPace();
  let nginx: IngressProxy | undefined;
  let serving: Serving | undefined;
  let retryAt = 0;
  let current: TakenRoutes | undefined;
  let endpoints: ReadonlyMap<string, string> = new Map();
  /** Why backends have no endpoints that can be used. */
  const failures = new Map<string, string>();
  let retiring: (Pick<Routes, 'backends' | 'traffic'> & { readonly until: number }) | undefined;

  const everythingChanged = () => {
    changed.routes = true;
    return [everything];
  };
  /** For kinds of which only a part counts; their statuses do not. */
  const unlessSame =
    <T extends KubeObject>(part: (object: Readonly<T>) => unknown) =>
    (now: Readonly<T>, _cluster: ClusterReader, before?: Readonly<T>) =>
      before !== undefined && equalJson(part(now), part(before)) ? [] : everythingChanged();
  const sliceChanged = (slice: EndpointSlice) => {
    const name = slice.metadata.labels?.[serviceNameLabel];
    if (name !== undefined) changed.services.add(keyText({ namespace: slice.metadata.namespace ?? '', name }));
    return [everything];
  };

  function isFound(now: Serving): void {
    if (now.serves !== (serving?.serves ?? false)) onRunning(now.serves);
    serving = now;
  }

  async function bringAbout(nginx: IngressProxy, cluster: Cluster): Promise<void> {
    const version = slicesVersion();
    const now = cluster.clock.monotonic();
    const isRunning = await nginx.isRunning();
    // What changes meanwhile is planned, tested and taken together.
    const isWhole = changed.routes && (!isRunning || pace.leftMs(now) === 0);
    const services = new Set(changed.services);
    if (isWhole) changed.routes = false;
    changed.services.clear();
    try {
      const before = current;
      if (isWhole || current === undefined) current = await planner.plan(nginx, cluster);
      const isReload = before !== undefined && before.configuration.generation !== current.configuration.generation;
      if (isReload) retiring = { ...before.routes, until: now + retireMs };
      const isRetired = retiring !== undefined && now >= retiring.until;
      if (isRetired) retiring = undefined;
      const backends = new Map([...(retiring?.backends ?? []), ...current.routes.backends]);
      if (isRunning) isFound({ serves: true });
      if (isRunning && !isWhole && !isRetired && services.size === 0) {
        onApplied(version);
        return;
      }
      for (const [name, { service }] of backends) if (isWhole || services.has(keyText(service))) failures.delete(name);
      const objects = {
        onFailure: (backend: string, error: unknown) => void failures.set(backend, String(error)),
        service: (key: ObjectKey) => cluster.get(Services, key),
        slices: (key: ObjectKey) => cluster.withLabels(EndpointSlices, key.namespace, { [serviceNameLabel]: key.name }),
      };
      endpoints = planEndpoints({ backends }, objects, endpoints, isWhole ? undefined : services);
      const traffic = new Map([...(retiring?.traffic ?? []), ...current.routes.traffic]);
      await nginx.apply(current.routes, current.configuration, new Map([...endpoints, ...trafficTexts(traffic)]));
      if (isReload) pace.reloaded(cluster.clock.monotonic(), await nginx.generationsDraining(), cluster.log);
      isFound({ serves: true });
      onApplied(version);
    } catch (error) {
      changed.routes = true;
      throw error;
    }
  }

  /** Whether another node may be the one that writes for all now, or somebody has written over what this one says. */
  const countsHere = (now: Node, before: Node | undefined): boolean =>
    matters(now, before) || (now.metadata.name === nodeName && servesIngresses(now) !== serving?.serves);

  return {
    name: 'nginx-ingress-controller',
    initially: [everything],
    wokenBy: (wakeKeys) => (wake = () => wakeKeys([everything])),
    watches: [
      { type: Nodes, wakes: (now: Node, _cluster, before?: Node) => (countsHere(now, before) ? [everything] : []) },
      { type: Ingresses, wakes: unlessSame(ingressContent) },
      { type: IngressClasses, wakes: everythingChanged },
      { type: Services, wakes: unlessSame(({ spec }: Readonly<Service>) => [spec.type, spec.ports]) },
      { type: EndpointSlices, wakes: sliceChanged },
    ],
    async reconcile(_key, cluster) {
      const waitMs = retryAt - cluster.clock.monotonic();
      // What changes in the cluster may help an nginx that refuses something, but not one that cannot run.
      if (serving?.serves === false && waitMs > 0) return againAfter(waitMs);
      try {
        if (nginx === undefined) {
          nginx = await openNginx();
          nginx.onEnd(wake);
        }
        await bringAbout(nginx, cluster);
        await nginx.rotateLog();
        backoff.reset();
      } catch (error) {
        if (cluster.signal.aborted) throw error;
        const afterMs = backoff.next();
        retryAt = cluster.clock.monotonic() + afterMs;
        cluster.log.error('nginx is not as it should be', { error: String(error), retryMs: afterMs });
        // One that refuses what is new may well go on with what it had.
        const serves = (await nginx?.isRunning()) ?? false;
        isFound(serves ? { serves } : { serves, why: (error as Error).message });
        await condition.keep(serving!, cluster);
        return againAfter(afterMs);
      }
      await condition.keep(serving!, cluster);
      const problems = current === undefined ? new Map() : withFailures(current.routes, failures);
      const isWriter = writerOf(cluster.list(Nodes)) === nodeName;
      const again = isWriter
        ? reporter.report(cluster.list(Ingresses), problems, cluster.clock.monotonic(), cluster.events)
        : undefined;
      const now = cluster.clock.monotonic();
      const waits = [
        nginx.tellsItsEnd ? lookEveryMs.ofOwn : lookEveryMs.ofAdopted,
        again,
        condition.leftMs(now),
        changed.routes ? pace.leftMs(now) : undefined,
        retiring && retiring.until - now,
      ];
      return againAfter(Math.max(Math.min(...waits.filter((wait) => wait !== undefined)), 0));
    },
  };
}

function ingressContent({ metadata, spec }: Readonly<Ingress>): unknown {
  return [metadata.uid, metadata.annotations, spec];
}
