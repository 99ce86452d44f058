import { Nodes, Secrets, Services, type Service } from '../api/core/v1/types.ts';
import { EndpointSlices, type EndpointSlice } from '../api/discovery/v1/types.ts';
import { IngressClasses, Ingresses, type Ingress } from '../api/networking/v1/types.ts';
import { keyText, type KubeObject, type ObjectKey } from '../apimachinery/object.ts';
import { Backoff } from '../base/backoff.ts';
import { againAfter, type Cluster, type ClusterReader, type Controller } from '../reconciler/controller.ts';
import { equalJson } from '../reconciler/equal-json.ts';
import type { Configuration } from './nginx/configuration.ts';
import type { NginxWriter } from './nginx/nginx-writer.ts';
import { ingressOfLine } from './nginx/owners.ts';
import { ProblemReporter } from './problem-reporter.ts';
import { createCertificateReader } from './routes/certificates.ts';
import { serviceNameLabel } from './routes/endpoints.ts';
import { planEndpoints } from './routes/plan-endpoints.ts';
import { planRoutes } from './routes/plan-routes.ts';
import type { Backend, Routes } from './routes/routes.ts';
import { writerOf } from './status/addresses.ts';

export interface RoutesControllerOptions {
  readonly nodeName: string;
  readonly nginx: NginxWriter;
  /** The newest resource version of EndpointSlices that the caches show. */
  readonly slicesVersion: () => string;
  /** Called when nginx works with all EndpointSlices up to this resource version. */
  readonly onApplied: (resourceVersion: string) => void;
}

/** There is one thing to bring about, so there is one key. */
const everything: ObjectKey = { name: 'nginx' };
/** How soon it is seen that nginx has ended. */
const lookEveryMs = 250;
const retries = { initialMs: 100, maximumMs: 10_000 };
/** How long backends stay that no route names any more: workers of the configuration before finish with them. */
const retireMs = 3_000;
/** Refusals in a row that are laid to single Ingresses. */
const mostRefusals = 100;

/**
 * Keeps nginx as the cluster's Ingresses want it. A change of endpoints is worked out for its Service alone and told to
 * the running nginx; everything else plans anew, and reloads nginx if its configuration turns out to be another one.
 */
export function routesController({ nodeName, nginx, slicesVersion, onApplied }: RoutesControllerOptions): Controller {
  const readCertificate = createCertificateReader();
  const reporter = new ProblemReporter();
  const backoff = new Backoff(retries);
  const refusals = new Map<string, { readonly version: string; readonly message: string }>();
  const changed = { routes: true, services: new Set<string>() };
  let current: { readonly routes: Routes; readonly configuration: Configuration } | undefined;
  let endpoints: ReadonlyMap<string, string> = new Map();
  let retiring: { readonly backends: ReadonlyMap<string, Backend>; readonly until: number } | undefined;

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

  /** Routes with a configuration that nginx takes, with as many Ingresses left out as that needs. */
  async function plan(cluster: ClusterReader) {
    const ingresses = cluster.list(Ingresses);
    for (let count = 0; ; count++) {
      const routes = planRoutes({
        ingresses,
        classes: cluster.list(IngressClasses),
        service: (key) => cluster.get(Services, key),
        secret: (key) => cluster.get(Secrets, key),
        readCertificate,
        refusal: (ingress) => {
          const known = refusals.get(keyText(ingress.metadata));
          return known?.version === versionOf(ingress, cluster) ? known.message : undefined;
        },
      });
      const configuration = nginx.configurationOf(routes);
      const refusal = await nginx.refusal(configuration, routes);
      if (refusal === undefined) return { routes, configuration };
      const { message, line } = refusal;
      const owner = line === undefined ? undefined : ingressOfLine(configuration.text, line);
      const ingress = ingresses.find(({ metadata }) => keyText(metadata) === owner);
      if (ingress === undefined || count === mostRefusals) throw new Error(`Cannot configure nginx: ${message}`);
      refusals.set(owner!, { version: versionOf(ingress, cluster), message });
    }
  }

  async function bringAbout(cluster: Cluster): Promise<void> {
    const version = slicesVersion();
    const isWhole = changed.routes;
    const services = new Set(changed.services);
    changed.routes = false;
    changed.services.clear();
    try {
      const now = cluster.clock.monotonic();
      const before = current;
      if (isWhole || current === undefined) current = await plan(cluster);
      if (before !== undefined && before.configuration.generation !== current.configuration.generation)
        retiring = { backends: before.routes.backends, until: now + retireMs };
      const isRetired = retiring !== undefined && now >= retiring.until;
      if (isRetired) retiring = undefined;
      const backends = new Map([...(retiring?.backends ?? []), ...current.routes.backends]);
      const isRunning = await nginx.isRunning();
      if (isRunning && !isWhole && !isRetired && services.size === 0) {
        onApplied(version);
        return;
      }
      const objects = {
        service: (key: ObjectKey) => cluster.get(Services, key),
        slices: (key: ObjectKey) => cluster.withLabels(EndpointSlices, key.namespace, { [serviceNameLabel]: key.name }),
      };
      endpoints = planEndpoints({ backends }, objects, endpoints, isWhole ? undefined : services);
      await nginx.apply(current.routes, current.configuration, endpoints);
      onApplied(version);
    } catch (error) {
      changed.routes = true;
      throw error;
    }
  }

  return {
    name: 'nginx-ingress-controller',
    initially: [everything],
    reads: [Nodes],
    watches: [
      { type: Ingresses, wakes: unlessSame(ingressContent) },
      { type: IngressClasses, wakes: everythingChanged },
      { type: Services, wakes: unlessSame(({ spec }: Readonly<Service>) => [spec.type, spec.ports]) },
      { type: Secrets, wakes: (secret, cluster) => (isUsed(secret, cluster) ? everythingChanged() : []) },
      { type: EndpointSlices, wakes: sliceChanged },
    ],
    async reconcile(_key, cluster) {
      try {
        await bringAbout(cluster);
        await nginx.rotateLog();
        backoff.reset();
      } catch (error) {
        if (cluster.signal.aborted) throw error;
        const afterMs = backoff.next();
        cluster.log.error('nginx is not as it should be', { error: String(error), retryMs: afterMs });
        return againAfter(afterMs);
      }
      const problems = current?.routes.problems ?? new Map();
      const isWriter = writerOf(cluster.list(Nodes)) === nodeName;
      const again = isWriter
        ? reporter.report(cluster.list(Ingresses), problems, cluster.clock.monotonic(), cluster.events)
        : undefined;
      return againAfter(Math.min(again ?? lookEveryMs, lookEveryMs));
    },
  };
}

/** What of an Ingress, and of what it names, nginx may have refused. */
function versionOf({ metadata, spec }: Readonly<Ingress>, cluster: ClusterReader): string {
  const { namespace = '', uid, generation, annotations } = metadata;
  const secrets = (spec.tls ?? []).map(({ secretName = '' }) =>
    secretName === '' ? '' : cluster.get(Secrets, { namespace, name: secretName })?.metadata.resourceVersion,
  );
  return JSON.stringify([uid, generation, annotations, secrets]);
}

function ingressContent({ metadata, spec }: Readonly<Ingress>): unknown {
  return [metadata.uid, metadata.annotations, spec];
}

/** Whether an Ingress shows the certificate of the Secret. */
function isUsed({ metadata }: Readonly<KubeObject>, cluster: ClusterReader): boolean {
  return cluster
    .list(Ingresses, metadata.namespace)
    .some(({ spec }) => spec.tls?.some(({ secretName }) => secretName === metadata.name));
}
