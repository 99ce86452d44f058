import type { PodSpec } from '../../api/core/v1/types.ts';
import { humanDuration } from '../../apimachinery/duration.ts';
import type { KubeObject } from '../../apimachinery/object.ts';

/** How long ago the object was made, as tables show it. `now` is wall time in milliseconds. */
export function ageOf(object: Readonly<KubeObject>, now: number): string {
  return ageOfTime(object.metadata.creationTimestamp, now);
}

/** How long ago a time was, as tables show it. */
export function ageOfTime(time: string | undefined, now: number): string {
  return time === undefined ? '<unknown>' : humanDuration(now - Date.parse(time));
}

/** Names of the containers of a pod or a template. */
export function containerNames(spec: Readonly<PodSpec> | undefined): string {
  return (spec?.containers ?? []).map(({ name }) => name).join(',');
}

export function containerImages(spec: Readonly<PodSpec> | undefined): string {
  return (spec?.containers ?? []).map(({ image }) => image ?? '').join(',');
}

/** `a=b,c=d` in the order of keys, `<none>` for none. */
export function labelsCell(labels: Readonly<Record<string, string>> | undefined): string {
  const keys = Object.keys(labels ?? {}).sort();
  return keys.length === 0 ? '<none>' : keys.map((key) => `${key}=${labels![key]}`).join(',');
}
