import type { Ingress, IngressClass } from '../../api/networking/v1/types.ts';

/** What an IngressClass names when this controller serves it; the name of the controller that users know. */
const controllerName = 'k8s.io/ingress-nginx';
/** How Ingresses named their class before there was a field for it. The value is the name of a class, or this one. */
const classAnnotation = 'kubernetes.io/ingress.class';
const usualClass = 'nginx';

/**
 * Whether the Ingress is for this controller. The annotation is older than the field and wins, as everywhere. One that
 * names no class is for this one too, as with the manifests of ingress-nginx for kind: where another controller's class
 * is the default, the API server has filled that one in.
 */
export function isOurs(ingress: Readonly<Ingress>, classes: readonly Readonly<IngressClass>[]): boolean {
  const annotated = ingress.metadata.annotations?.[classAnnotation];
  const name = annotated || ingress.spec.ingressClassName;
  if (name === undefined) return true;
  const found = classes.find(({ metadata }) => metadata.name === name);
  if (found !== undefined) return found.spec.controller === controllerName;
  return annotated === usualClass;
}
