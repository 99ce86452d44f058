import type { Container, PodSpec } from '../../../api/core/v1/types.ts';

/** A pod, or what a controller makes pods of. */
export interface PodLike {
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: Readonly<PodSpec>;
}

/** What is forbidden, in short, and where it was found. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

/** All containers, in the order in which they start. */
export function containersOf({ initContainers = [], containers, ephemeralContainers = [] }: Readonly<PodSpec>) {
  return [...initContainers, ...containers, ...(ephemeralContainers as readonly Container[])];
}

/** `"a", "b"` */
export function quoted(texts: readonly string[]): string {
  return texts.map((text) => `"${text}"`).join(', ');
}

export function plural(one: string, many: string, count: number): string {
  return count === 1 ? one : many;
}

/** `container "a"`, `containers "a", "b"` */
export function named(what: string, names: readonly string[]): string {
  return `${plural(what, `${what}s`, names.length)} ${quoted(names)}`;
}

/** Each once, in the order of the alphabet. */
export function sorted(values: Iterable<string>): string[] {
  return [...new Set(values)].sort();
}

/** Who has set something wrong: `pod and containers "a", "b"`. */
export function setters(isPod: boolean, containers: readonly string[]): string {
  return [...(isPod ? ['pod'] : []), ...(containers.length > 0 ? [named('container', containers)] : [])].join(' and ');
}

/**
 * For what the pod or its containers may set to certain values only. `bad` are the values that are none of them, for the
 * pod and for each container.
 */
export function badValues<T>(
  { spec }: PodLike,
  ofPod: (context: NonNullable<PodSpec['securityContext']>) => readonly T[],
  ofContainer: (context: NonNullable<Container['securityContext']>) => readonly T[],
): { readonly who: string; readonly values: readonly T[] } | undefined {
  const pod = spec.securityContext === undefined ? [] : ofPod(spec.securityContext);
  const containers = containersOf(spec).map(({ name, securityContext }) => ({
    name,
    values: securityContext === undefined ? [] : ofContainer(securityContext),
  }));
  const bad = containers.filter(({ values }) => values.length > 0);
  if (pod.length === 0 && bad.length === 0) return undefined;
  const names = bad.map(({ name }) => name);
  return { who: setters(pod.length > 0, names), values: [...pod, ...bad.flatMap(({ values }) => values)] };
}
