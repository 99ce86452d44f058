import { IngressClasses, type Ingress, type IngressClass } from '../../api/networking/v1/types.ts';
import type { AdmissionPlugin } from './admission.ts';
import { isFor } from './refusal.ts';

const isDefaultAnnotation = 'ingressclass.kubernetes.io/is-default-class';

/** An ingress that names no class gets the default one: the newest, if several are marked. */
export const defaultIngressClass: AdmissionPlugin = {
  name: 'DefaultIngressClass',
  mutate(request, context) {
    if (!isFor(request, 'networking.k8s.io/ingresses') || request.operation !== 'CREATE') return;
    const { metadata, spec } = request.object as Ingress;
    if (spec.ingressClassName !== undefined || metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined)
      return;
    const [newest] = context.scan(IngressClasses).filter(isDefault).sort(newestFirst);
    if (newest !== undefined) spec.ingressClassName = newest.metadata.name;
  },
};

function isDefault({ metadata }: Readonly<IngressClass>): boolean {
  return metadata.annotations?.[isDefaultAnnotation] === 'true';
}

function newestFirst(a: Readonly<IngressClass>, b: Readonly<IngressClass>): number {
  const [made, other] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  if (made !== other) return made < other ? 1 : -1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}
