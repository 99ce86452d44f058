import { PersistentVolumeClaims, PersistentVolumes, type PersistentVolumeClaim } from '../api/core/v1/types.ts';
import { annotations, isBound, withClaim } from '../api/core/volume-binding.ts';
import type { KubeObject } from '../apimachinery/object.ts';
import { onAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { Client, WriteOptions } from '../client/client.ts';
import type { Informer } from '../client/informer.ts';
import type { PodInfo } from './framework/pod-info.ts';
import type { VolumePlan } from './framework/pod-volumes.ts';

/** How long a pod waits for its volumes. */
const patienceMs = 600_000;

export interface VolumeWritesOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly name: string;
  readonly claims: Informer<PersistentVolumeClaim>;
}

/** Sees to it that a pod has its volumes before it comes to its node. */
export class VolumeWrites {
  readonly #options: VolumeWritesOptions;

  constructor(options: VolumeWritesOptions) {
    this.#options = options;
  }

  /**
   * Reserves the volumes that were chosen, asks for those that are to be made, and resolves when all claims of the pod are
   * bound. Rejects when that cannot be, or takes too long.
   */
  async carryOut(pod: PodInfo, { bind, provision }: VolumePlan, nodeName: string): Promise<void> {
    const { client } = this.#options;
    const because = this.#because(pod);
    for (const { claim, volume } of bind) await client.update(PersistentVolumes, withClaim(volume, claim), because);
    /** By name: the version of a claim from which on it knows its node. */
    const asked = new Map<string, number>();
    for (const claim of provision) {
      const told = await this.#tell(claim, nodeName, because);
      asked.set(claim.metadata.name, versionOf(told));
    }
    if (bind.length > 0 || provision.length > 0) await this.#untilBound(pod, asked);
  }

  async #tell(
    claim: Readonly<PersistentVolumeClaim>,
    nodeName: string,
    because: WriteOptions,
  ): Promise<Readonly<PersistentVolumeClaim>> {
    const { metadata } = claim;
    if (metadata.annotations?.[annotations.selectedNode] === nodeName) return claim;
    const told = { ...metadata.annotations, [annotations.selectedNode]: nodeName };
    return this.#options.client.update(
      PersistentVolumeClaims,
      { ...claim, metadata: { ...metadata, annotations: told } },
      because,
    );
  }

  #untilBound({ namespace, claims: names }: PodInfo, asked: ReadonlyMap<string, number>): Promise<void> {
    const { clock, signal, claims } = this.#options;
    return new Promise((resolve, reject) => {
      const end = (error?: Error): void => {
        timer.cancel();
        unlink();
        leave();
        if (error === undefined) resolve();
        else reject(error);
      };
      const look = (): void => {
        const found = names.map((name) => [name, claims.get({ namespace, name })] as const);
        const gone = found.find(([, claim]) => claim === undefined);
        if (gone !== undefined) return end(new Error(`persistentvolumeclaim ${JSON.stringify(gone[0])} not found`));
        const givenUp = found.find(([name, claim]) => wasGivenUp(claim!, asked.get(name)));
        if (givenUp !== undefined) return end(new Error(`provisioning failed for PVC ${JSON.stringify(givenUp[0])}`));
        if (found.every(([, claim]) => isBound(claim!))) end();
      };
      const timer = clock.setTimer(patienceMs, () => end(new Error('timed out waiting for the condition')));
      const unlink = onAbort(signal, () => end(new Error('stopped')));
      let isFirst = true;
      const leave = claims.onChange(({ object }) => {
        if (!isFirst && object.metadata.namespace === namespace && names.includes(object.metadata.name)) look();
      });
      isFirst = false;
      look();
    });
  }

  #because({ pod: { metadata } }: PodInfo): WriteOptions {
    const { namespace, name, resourceVersion } = metadata;
    const revision = resourceVersion === undefined ? {} : { revision: Number(resourceVersion) };
    return { cause: { controller: this.#options.name, object: `Pod ${namespace}/${name}`, ...revision } };
  }
}

/** Who should have made the volume has taken back the node: another may do better. */
function wasGivenUp(claim: Readonly<PersistentVolumeClaim>, since: number | undefined): boolean {
  if (since === undefined || isBound(claim) || versionOf(claim) < since) return false;
  return claim.metadata.annotations?.[annotations.selectedNode] === undefined;
}

function versionOf({ metadata }: Readonly<KubeObject>): number {
  return Number(metadata.resourceVersion ?? 0);
}
