import type { Secret, Service } from '../api/core/v1/types.ts';
import type { HTTPIngressPath, Ingress, IngressClass, IngressSpec } from '../api/networking/v1/types.ts';
import { keyText } from '../apimachinery/object.ts';
import { planRoutes, type IngressObjects } from './routes/plan-routes.ts';

/** Objects for tests of routes; each builder fills in what the test does not care about. */

export function makeIngress(name: string, spec: IngressSpec, annotations: Record<string, string> = {}): Ingress {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace: 'shop', uid: name, creationTimestamp: '2026-01-01T00:00:00Z', annotations },
    spec: { ingressClassName: 'nginx', ...spec },
  };
}

export function makePath(
  path: string,
  service: string,
  pathType: HTTPIngressPath['pathType'] = 'Prefix',
): HTTPIngressPath {
  return { path, pathType, backend: { service: { name: service, port: { number: 80 } } } };
}

export function makeRule(host: string, ...paths: HTTPIngressPath[]): NonNullable<IngressSpec['rules']>[number] {
  return { ...(host === '' ? {} : { host }), http: { paths } };
}

export const nginxClass: IngressClass = {
  metadata: { name: 'nginx' },
  spec: { controller: 'k8s.io/ingress-nginx' },
};

/** A cluster with these Ingresses; Services `a` to `d` and `web` have port 80, named `http`. */
export function makeObjects(
  ingresses: readonly Ingress[],
  more: Partial<IngressObjects> & { readonly secrets?: Readonly<Record<string, Secret>> } = {},
): IngressObjects {
  const { secrets = {}, ...others } = more;
  const services = new Map(['a', 'b', 'c', 'd', 'web'].map((name) => [`shop/${name}`, makeService(name)]));
  return {
    ingresses,
    classes: [nginxClass],
    service: (key) => services.get(keyText(key)),
    secret: (key) => secrets[keyText(key)],
    readCertificate: () => ({ ok: false, why: 'the test has none' }),
    refusal: () => undefined,
    ...others,
  };
}

function makeService(name: string): Service {
  return { metadata: { name, namespace: 'shop' }, spec: { ports: [{ name: 'http', port: 80 }] } } as Service;
}

/** What a plan of the Ingresses says of them, as lines: `NAMESPACE/NAME REASON: MESSAGE`. */
export function problems(ingresses: readonly Ingress[], more: Partial<IngressObjects> = {}): string[] {
  const found = planRoutes(makeObjects(ingresses, more)).problems;
  return [...found].flatMap(([key, all]) => all.map(({ reason, message }) => `${key} ${reason}: ${message}`));
}
