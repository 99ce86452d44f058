import type { KubeObject } from '../../../apimachinery/object.ts';

const names = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'];

/** Whether the class is for claims that name none. */
export function isDefaultClass({ metadata }: Readonly<KubeObject>): boolean {
  return names.some((name) => metadata.annotations?.[name] === 'true');
}
