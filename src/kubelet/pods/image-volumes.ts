import type { Pod } from '../../api/core/v1/types.ts';
import type { PodContainer } from './pod-containers.ts';
import type { PodParts } from './pod-parts.ts';
import { pullSecretsOf } from './pull-secrets.ts';
import { refusalOf, type RecordEvent, type StartRefusal } from './start-refusal.ts';

interface Start {
  readonly pod: Readonly<Pod>;
  readonly container: PodContainer;
  readonly signal: AbortSignal;
}

/**
 * Lets the volumes that the container mounts show their images. All are tried and each failure is told; the last is what
 * the container waits for. Pulls are events of the pod. Rejects with StartRefusal, or with the signal's reason.
 */
export async function showImageVolumes(
  { events, images, objects, volumes }: Pick<PodParts, 'events' | 'images' | 'objects' | 'volumes'>,
  { pod, container, signal }: Start,
  record: RecordEvent,
): Promise<void> {
  const podUid = pod.metadata.uid ?? '';
  const mounted = new Set((container.spec.volumeMounts ?? []).map(({ name }) => name));
  const recordPull: RecordEvent = (type, reason, message) => events.record(pod, type, reason, message);
  const pullSecrets = () => pullSecretsOf({ events, objects }, pod);
  let refusal: StartRefusal | undefined;
  for (const volume of pod.spec.volumes ?? []) {
    if (volume.image === undefined || !mounted.has(volume.name)) continue;
    const { reference: image = '', pullPolicy: policy = 'IfNotPresent' } = volume.image;
    const pull = () => images.ensure({ image, policy, podUid, signal, record: recordPull, pullSecrets });
    try {
      await volumes.showImage(pod, volume, pull);
    } catch (error) {
      if (signal.aborted) throw error;
      refusal = refusalOf(error, record);
    }
  }
  if (refusal !== undefined) throw refusal;
}
