import type { KubeObject } from '../../apimachinery/object.ts';
import type { StorageClass } from './v1/types.ts';

const defaultClassAnnotation = 'storageclass.kubernetes.io/is-default-class';
const names = [defaultClassAnnotation, 'storageclass.beta.kubernetes.io/is-default-class'];

/** Whether the class is for claims that name none. */
export function isDefaultClass({ metadata }: Readonly<KubeObject>): boolean {
  return names.some((name) => metadata.annotations?.[name] === 'true');
}

/** The class for claims that name none: the newest, if several are marked; `undefined`: there is none. */
export function defaultStorageClassOf(classes: readonly Readonly<StorageClass>[]): Readonly<StorageClass> | undefined {
  return classes.filter(isDefaultClass).sort(newestFirst)[0];
}

function newestFirst({ metadata: a }: Readonly<StorageClass>, { metadata: b }: Readonly<StorageClass>): number {
  const [made = '', other = ''] = [a.creationTimestamp, b.creationTimestamp];
  if (made !== other) return made < other ? 1 : -1;
  return a.name < b.name ? -1 : 1;
}
