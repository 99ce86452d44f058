import type { DeepReadonly, ObjectKey } from '../../apimachinery/object.ts';
import type { Ingress, IngressClass } from './v1/types.ts';

/** What an IngressClass names when the nodes serve it; the name of the controller that users know. */
const controllerName = 'k8s.io/ingress-nginx';
/** How Ingresses named their class before there was a field for it. The value is the name of a class, or this one. */
const classAnnotation = 'kubernetes.io/ingress.class';
const usualClass = 'nginx';

/**
 * Whether the nodes serve the Ingress. The annotation is older than the field and wins, as everywhere. One that names no
 * class is served too, as with the manifests of ingress-nginx for kind: where another controller's class is the default,
 * the API server has filled that one in.
 */
export function isServedIngress(
  { metadata, spec }: DeepReadonly<Ingress>,
  classOf: (name: string) => DeepReadonly<IngressClass> | undefined,
): boolean {
  const annotated = metadata.annotations?.[classAnnotation];
  const name = annotated || spec.ingressClassName;
  if (name === undefined) return true;
  const found = classOf(name);
  if (found !== undefined) return found.spec.controller === controllerName;
  return annotated === usualClass;
}

/** Each is watched by each node: whoever may write an Ingress must not make them watch any number. */
const mostCertificates = 100;

const objectName = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/** Annotations that name a Secret of the Ingress's own namespace, possibly with the namespace before it. */
const secretAnnotations = ['auth-secret', 'proxy-ssl-secret'].map((name) => `nginx.ingress.kubernetes.io/${name}`);

/**
 * The Secrets that serve an Ingress, each once: those with its users and for its backends, then the first of those whose
 * certificates it shows.
 */
export function secretsOfIngress({ metadata, spec }: DeepReadonly<Ingress>): ObjectKey[] {
  const { namespace, annotations = {} } = metadata;
  const names = new Set<string>();
  for (const annotation of secretAnnotations) {
    const written = (annotations[annotation] ?? '').trim();
    const name = written.startsWith(`${namespace}/`) ? written.slice(`${namespace}/`.length) : written;
    if (objectName.test(name)) names.add(name);
  }
  for (const { secretName } of spec.tls ?? []) {
    if (secretName) names.add(secretName);
    if (names.size >= mostCertificates) break;
  }
  return [...names].map((name) => ({ ...(namespace !== undefined && { namespace }), name }));
}
