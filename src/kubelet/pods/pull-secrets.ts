import { Secrets, type Pod, type Secret } from '../../api/core/v1/types.ts';
import type { PodParts } from './pod-parts.ts';

/** The Secrets for image pulls that a pod names. Those that cannot be had are told: the pulls may do without. */
export async function pullSecretsOf(
  { objects, events }: Pick<PodParts, 'objects' | 'events'>,
  pod: Readonly<Pod>,
): Promise<readonly Readonly<Secret>[]> {
  const { namespace = '' } = pod.metadata;
  const found: Readonly<Secret>[] = [];
  const missing: string[] = [];
  for (const { name } of pod.spec.imagePullSecrets ?? []) {
    if (!name) continue;
    using followed = objects.follow(Secrets, { namespace, name }, () => undefined);
    const secret = await followed.current().catch(() => undefined);
    if (secret === undefined) missing.push(name);
    else found.push(secret);
  }
  const text = `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull the image may not succeed.`;
  if (missing.length > 0) events.record(pod, 'Warning', 'FailedToRetrieveImagePullSecret', text);
  return found;
}
