import { PersistentVolumeClaims, PersistentVolumes, type PersistentVolumeClaim } from '../api/core/v1/types.ts';
import { annotations, isBound, withClaim } from '../api/core/volume-binding.ts';
import type { KubeObject } from '../apimachinery/object.ts';
import type { WriteOptions } from '../client/client.ts';
import type { PodInfo } from './framework/pod-info.ts';
import type { VolumePlan } from './framework/pod-volumes.ts';
import { causedBy, untilOver, type ClaimWritesOptions } from './pod-wait.ts';

/** Sees to it that a pod has its volumes before it comes to its node. */
export class VolumeWrites {
  readonly #options: ClaimWritesOptions<PersistentVolumeClaim>;

  constructor(options: ClaimWritesOptions<PersistentVolumeClaim>) {
    this.#options = options;
  }

  /**
   * Reserves the volumes that were chosen, asks for those that are to be made, and resolves when all claims of the pod are
   * bound. Rejects when that cannot be, or takes too long.
   */
  async carryOut(pod: PodInfo, { bind, provision }: VolumePlan, nodeName: string): Promise<void> {
    const { client } = this.#options;
    const because = causedBy(pod.pod, this.#options.name);
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
    const { claims } = this.#options;
    return untilOver(this.#options, {
      concerns: ({ metadata }) => metadata.namespace === namespace && names.includes(metadata.name),
      isOver() {
        const found = names.map((name) => [name, claims.get({ namespace, name })] as const);
        const gone = found.find(([, claim]) => claim === undefined);
        if (gone !== undefined) throw new Error(`persistentvolumeclaim ${JSON.stringify(gone[0])} not found`);
        const givenUp = found.find(([name, claim]) => wasGivenUp(claim!, asked.get(name)));
        if (givenUp !== undefined) throw new Error(`provisioning failed for PVC ${JSON.stringify(givenUp[0])}`);
        return found.every(([, claim]) => isBound(claim!));
      },
      tooLate: 'timed out waiting for the condition',
    });
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
