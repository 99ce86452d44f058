import type { Ingress, IngressClass } from '../../api/networking/v1/types.ts';

/** What an IngressClass names when this controller serves it; the name of the controller that users know. */
const controllerName = 'k8s.io/ingress-nginx';
/** How Ingresses named their class before there was a field for it. The value is the name of a class, or this one. */
const classAnnotation = 'kubernetes.io/ingress.class';
const usualClass = 'nginx';

/**
 * Whether the Ingress is for this controller. The annotation is older than the field and wins, as everywhere. One that
 * names no class at all is nobody's: where there is a default class, the API server has filled it in.
 */
export function isOurs(ingress: Readonly<Ingress>, classes: readonly Readonly<IngressClass>[]): boolean {
  const annotated = ingress.metadata.annotations?.[classAnnotation];
  const name = annotated || ingress.spec.ingressClassName;
  if (name === undefined) return false;
  const found = classes.find(({ metadata }) => metadata.name === name);
  if (found !== undefined) return found.spec.controller === controllerName;
  return annotated === usualClass;
}
