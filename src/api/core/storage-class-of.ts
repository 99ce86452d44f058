import type { KubeObject } from '../../apimachinery/object.ts';

/** Names the class in objects that are older than `storageClassName`; it comes before that. */
export const classAnnotation = 'volume.beta.kubernetes.io/storage-class';

/** The class that a claim or a volume asks for; empty: none. */
export function storageClassOf(
  object: Readonly<KubeObject> & { readonly spec: { readonly storageClassName?: string } },
): string {
  return object.metadata.annotations?.[classAnnotation] ?? object.spec.storageClassName ?? '';
}
