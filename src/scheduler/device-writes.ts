import { deviceClaimFinalizer, isReservedFor } from '../api/core/pod-device-claims.ts';
import { Pods, type ContainerExtendedResourceRequest, type Pod } from '../api/core/v1/types.ts';
import { ResourceClaims, type ResourceClaim, type ResourceClaimStatus } from '../api/resource/v1/types.ts';
import { keyOf, keyText } from '../apimachinery/object.ts';
import { isStatus } from '../apimachinery/status.ts';
import { rfc3339 } from '../apimachinery/time.ts';
import { bindingState } from './devices/binding-conditions.ts';
import type { DevicePlan } from './devices/pod-devices.ts';
import type { PodInfo } from './framework/pod-info.ts';
import { causedBy, untilOver, type ClaimWritesOptions } from './pod-wait.ts';

const mostTries = 5;
const betweenTriesMs = 10;

/** What the scheduler writes about claims of devices. */
export class DeviceWrites {
  readonly #options: ClaimWritesOptions<ResourceClaim>;

  constructor(options: ClaimWritesOptions<ResourceClaim>) {
    this.#options = options;
  }

  /** Gives the claim its devices, if it has none, and reserves it for the pod. Answers it as it is then. */
  async give(pod: PodInfo, { claim, allocation }: DevicePlan): Promise<Readonly<ResourceClaim>> {
    const { client, clock } = this.#options;
    let current = claim;
    for (let left = mostTries; ; left--) {
      try {
        return await this.#tryToGive(pod, current, allocation);
      } catch (error) {
        if (!isStatus(error, 'Conflict') || left <= 1) throw error;
        await clock.sleep(betweenTriesMs);
        current = await client.get(ResourceClaims, keyOf(claim as ResourceClaim));
      }
    }
  }

  async #tryToGive(
    pod: PodInfo,
    claim: Readonly<ResourceClaim>,
    allocation: DevicePlan['allocation'],
  ): Promise<Readonly<ResourceClaim>> {
    const { client, clock } = this.#options;
    const because = this.#because(pod);
    const { finalizers = [], deletionTimestamp } = claim.metadata;
    const happened = (what: string) => new Error(`claim ${keyText(claim.metadata)} got ${what} in the meantime`);
    if (deletionTimestamp !== undefined) throw happened('deleted');
    if (allocation !== undefined && claim.status?.allocation !== undefined) throw happened('allocated elsewhere');
    const devices = allocation ?? claim.status?.allocation;
    if (devices === undefined) throw happened('deallocated elsewhere');
    let current = claim;
    if (allocation !== undefined && !finalizers.includes(deviceClaimFinalizer)) {
      const metadata = { ...claim.metadata, finalizers: [...finalizers, deviceClaimFinalizer] };
      current = await client.update(ResourceClaims, { ...claim, metadata }, because);
    }
    const status: ResourceClaimStatus = {
      ...current.status,
      allocation: { ...devices, allocationTimestamp: devices.allocationTimestamp ?? rfc3339(clock.now()) },
      reservedFor: [
        ...(current.status?.reservedFor ?? []),
        { resource: 'pods', name: pod.pod.metadata.name, uid: pod.uid },
      ],
    };
    return client.update(ResourceClaims, { ...current, status }, { ...because, subresource: 'status' });
  }

  /** The pod will not come: claims that were reserved for it are so no longer. They keep their devices. */
  async takeBack(pod: PodInfo, claim: Readonly<ResourceClaim>): Promise<void> {
    if (!isReservedFor(claim, pod.pod)) return;
    const reservedFor = [{ $patch: 'delete', uid: pod.uid }];
    const body = { metadata: { uid: claim.metadata.uid }, status: { reservedFor } };
    const options = { ...this.#because(pod), subresource: 'status' };
    await this.#options.client.patch(
      ResourceClaims,
      keyOf(claim as ResourceClaim),
      { type: 'strategic', body },
      options,
    );
  }

  /** The claim loses devices that do nobody any good, so that it can get others. */
  async release(pod: PodInfo, claim: Readonly<ResourceClaim>): Promise<void> {
    const options = { ...this.#because(pod), subresource: 'status' };
    await this.#options.client.update(ResourceClaims, { ...claim, status: {} }, options);
  }

  /** Makes the claim for extended resources of a pod. Its present name and uid stand for none. */
  async make(pod: PodInfo, { metadata, spec }: Readonly<ResourceClaim>): Promise<Readonly<ResourceClaim>> {
    const { uid: _, ...rest } = metadata;
    return this.#options.client.create(ResourceClaims, { metadata: { ...rest, name: '' }, spec }, this.#because(pod));
  }

  /** Tells in the pod which claim stands for its extended resources. */
  async tellPod(
    pod: PodInfo,
    claim: Readonly<ResourceClaim>,
    requestMappings: readonly ContainerExtendedResourceRequest[],
  ): Promise<void> {
    const { metadata } = pod.pod;
    const extendedResourceClaimStatus = { resourceClaimName: claim.metadata.name, requestMappings };
    const body = { metadata: { uid: metadata.uid }, status: { extendedResourceClaimStatus } };
    const options = { ...this.#because(pod), subresource: 'status' };
    await this.#options.client.patch(Pods, keyOf(pod.pod as Pod), { type: 'strategic', body }, options);
  }

  /** Removes a claim that was made for extended resources, whatever protects it. */
  async remove(pod: PodInfo, { metadata }: Readonly<ResourceClaim>): Promise<void> {
    const { client } = this.#options;
    const because = this.#because(pod);
    const key = keyOf({ metadata } as ResourceClaim);
    const body = { metadata: { uid: metadata.uid, finalizers: null } };
    try {
      await client.patch(ResourceClaims, key, { type: 'merge', body }, because);
      await client.delete(ResourceClaims, key, because);
    } catch (error) {
      if (!isStatus(error, 'NotFound', 'Conflict')) throw error;
    }
  }

  /** Resolves when all devices are ready. Rejects when one has failed, or takes too long. */
  untilReady(claims: readonly Readonly<ResourceClaim>[]): Promise<void> {
    const { claims: informer } = this.#options;
    const keys = claims.map((claim) => keyOf(claim as ResourceClaim));
    return untilOver(this.#options, {
      concerns: () => true,
      isOver() {
        const states = keys.map((key, i) => bindingState(newer(informer.get(key), claims[i]!)));
        const failed = states.find((state) => state.kind === 'failed');
        if (failed !== undefined) throw new Error(failed.message);
        return states.every(({ kind }) => kind === 'ready');
      },
      tooLate: `device binding timeout: claim=${keys.map(({ name }) => name).join(',')}`,
    });
  }

  #because({ pod }: PodInfo): ReturnType<typeof causedBy> {
    return causedBy(pod, this.#options.name);
  }
}

/** What was written may not have come back yet. */
function newer(seen: Readonly<ResourceClaim> | undefined, written: Readonly<ResourceClaim>): Readonly<ResourceClaim> {
  const version = ({ metadata }: Readonly<ResourceClaim>) => Number(metadata.resourceVersion ?? 0);
  return seen !== undefined && version(seen) >= version(written) ? seen : written;
}
