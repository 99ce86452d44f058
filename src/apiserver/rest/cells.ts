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
