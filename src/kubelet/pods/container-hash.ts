import type { PodContainer } from './pod-containers.ts';

/** Changes when the part of a container's spec changes that calls for a new container: its name and image. */
export function containerHash({ spec }: Pick<PodContainer, 'spec'>): string {
  const text = JSON.stringify([spec.name, spec.image ?? '']);
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16);
}
