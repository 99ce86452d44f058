import { Services } from '../api/core/v1/types.ts';
import { secretsOfIngress, isServedIngress } from '../api/networking/served-ingress.ts';
import { IngressClasses, Ingresses, type Ingress } from '../api/networking/v1/types.ts';
import { keyText } from '../apimachinery/object.ts';
import type { ClusterReader } from '../reconciler/controller.ts';
import type { Configuration } from './nginx/configuration.ts';
import type { IngressProxy } from './nginx/nginx-writer.ts';
import { ingressOfLine } from './nginx/owners.ts';
import type { NamedSecrets } from './named-secrets.ts';
import { createCertificateReader } from './routes/certificates.ts';
import { planRoutes } from './routes/plan-routes.ts';
import type { Routes } from './routes/routes.ts';

/** Routes, and a configuration of them that nginx takes. */
export interface TakenRoutes {
  readonly routes: Routes;
  readonly configuration: Configuration;
}

/** Refusals in a row that are laid to single Ingresses. */
const mostRefusals = 100;

/** Finds routes that nginx takes, and remembers which Ingresses it refuses. */
export class RoutePlanner {
  readonly #readCertificate = createCertificateReader();
  readonly #refusals = new Map<string, { readonly version: string; readonly message: string }>();

  readonly #secrets: NamedSecrets;

  constructor(secrets: NamedSecrets) {
    this.#secrets = secrets;
  }

  /** The routes of all Ingresses, with as many left out as nginx needs to take them. */
  async plan(nginx: IngressProxy, cluster: ClusterReader): Promise<TakenRoutes> {
    const ingresses = cluster.list(Ingresses);
    const classOf = (name: string) => cluster.get(IngressClasses, { name });
    const served = ingresses.filter((one) => isServedIngress(one, classOf));
    await this.#secrets.follow(served.flatMap(secretsOfIngress));
    const routesOf = (some: readonly Readonly<Ingress>[]): Routes =>
      planRoutes({
        ingresses: some,
        classes: cluster.list(IngressClasses),
        service: (key) => cluster.get(Services, key),
        secret: (key) => this.#secrets.get(key),
        readCertificate: this.#readCertificate,
        refusal: (ingress) => {
          const known = this.#refusals.get(keyText(ingress.metadata));
          return known?.version === this.#versionOf(ingress) ? known.message : undefined;
        },
      });
    for (let count = 0; ; count++) {
      const routes = routesOf(ingresses);
      const configuration = nginx.configurationOf(routes);
      const refusal = await nginx.refusal(configuration, routes);
      if (refusal === undefined) return { routes, configuration };
      const { message, line } = refusal;
      const owner = line === undefined ? undefined : ingressOfLine(configuration.text, line);
      const isLast = count === mostRefusals;
      const ingress =
        ingresses.find(({ metadata }) => keyText(metadata) === owner) ??
        (isLast ? undefined : await culprit(nginx, ingresses, routesOf));
      if (ingress === undefined || isLast) throw new Error(`Cannot configure nginx: ${message}`);
      this.#refusals.set(keyText(ingress.metadata), { version: this.#versionOf(ingress), message });
    }
  }

  /** What of an Ingress, and of what it names, nginx may have refused. */
  #versionOf(ingress: Readonly<Ingress>): string {
    const { uid, generation, annotations } = ingress.metadata;
    const secrets = secretsOfIngress(ingress).map((key) => this.#secrets.get(key)?.metadata.resourceVersion ?? '');
    return JSON.stringify([uid, generation, annotations, secrets]);
  }
}

/**
 * Some directives nginx checks only at the end of the file, or names no line for. Halves the Ingresses until it is found
 * which one makes a configuration that nginx takes one that it does not; undefined where it takes none at all.
 */
async function culprit(
  nginx: IngressProxy,
  ingresses: readonly Readonly<Ingress>[],
  routesOf: (some: readonly Readonly<Ingress>[]) => Routes,
): Promise<Readonly<Ingress> | undefined> {
  const takes = async (count: number): Promise<boolean> => {
    const routes = routesOf(ingresses.slice(0, count));
    return (await nginx.refusal(nginx.configurationOf(routes), routes)) === undefined;
  };
  if (!(await takes(0))) return undefined;
  let [taken, refused] = [0, ingresses.length];
  while (refused - taken > 1) {
    const middle = (taken + refused) >> 1;
    if (await takes(middle)) taken = middle;
    else refused = middle;
  }
  return ingresses[taken];
}
