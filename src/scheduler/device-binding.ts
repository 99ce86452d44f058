import type { ResourceClaim } from '../api/resource/v1/types.ts';
import type { Random } from '../base/random.ts';
import type { EventRecorder } from '../reconciler/event-recorder.ts';
import type { DeviceWrites } from './device-writes.ts';
import { hasBindingConditions } from './devices/binding-conditions.ts';
import type { DeviceState } from './devices/device-state.ts';
import { grantsOn, mayWantDevices, planDevices, podDevices, type DevicePlan } from './devices/pod-devices.ts';
import type { NodeInfo } from './framework/node-info.ts';
import type { PodInfo } from './framework/pod-info.ts';

/** What it takes to bind pods that want devices. */
export interface DeviceParts {
  readonly devices: DeviceState;
  readonly writes: DeviceWrites;
  readonly events: EventRecorder;
  readonly random: Random;
}

/** The devices of one pod on the node that was found for it. Nobody else gets them until this has succeeded or failed. */
export class DeviceBinding {
  readonly #parts: DeviceParts;
  readonly #pod: PodInfo;
  readonly #nodeName: string;
  readonly #plans: readonly DevicePlan[];
  /** Claims that were reserved for the pod before. */
  readonly #ready: readonly Readonly<ResourceClaim>[];
  readonly #given: Readonly<ResourceClaim>[] = [];
  /** The claim for extended resources, from when it is written. */
  #made: Readonly<ResourceClaim> | undefined;

  private constructor(
    parts: DeviceParts,
    pod: PodInfo,
    nodeName: string,
    plans: readonly DevicePlan[],
    ready: readonly Readonly<ResourceClaim>[],
  ) {
    this.#parts = parts;
    this.#pod = pod;
    this.#nodeName = nodeName;
    this.#plans = plans;
    this.#ready = ready;
    for (const { claim, allocation } of plans) if (allocation !== undefined) parts.devices.promise(claim, allocation);
  }

  /** Begins it for a node that passed the filters; `undefined`: the pod wants no devices. */
  static of(parts: DeviceParts, pod: PodInfo, node: NodeInfo): DeviceBinding | undefined {
    const { devices, random } = parts;
    if (!mayWantDevices(pod, devices)) return undefined;
    const found = podDevices(pod, devices);
    const grants = typeof found === 'string' ? undefined : grantsOn(found, node, devices);
    if (typeof found === 'string' || grants === undefined || 'fits' in grants)
      throw new Error(`Cannot bind pod ${pod.key} to ${node.name}: its devices have gone`);
    const plans = planDevices(pod, found, grants, node, random);
    const planned = new Set(plans.map(({ claim }) => claim));
    const ready = found.allocated.map(({ claim }) => claim).filter((claim) => !planned.has(claim));
    return new DeviceBinding(parts, pod, node.name, plans, ready);
  }

  /** Writes the claims, and waits until their devices are ready. */
  async carryOut(): Promise<void> {
    const { writes, events } = this.#parts;
    for (const plan of this.#plans) this.#given.push(await writes.give(this.#pod, await this.#written(plan)));
    const extended = this.#plans.findIndex(({ mappings }) => mappings !== undefined);
    if (extended >= 0) await writes.tellPod(this.#pod, this.#given[extended]!, this.#plans[extended]!.mappings!);
    const claims = [...this.#ready, ...this.#given];
    if (!claims.some(hasBindingConditions)) return;
    const message = `waiting for binding conditions for device on node ${this.#nodeName}`;
    events.record(this.#pod.pod, 'Normal', 'BindingConditionsPending', message, { action: 'Scheduling' });
    await writes.untilReady(claims);
  }

  /** The plan for a claim that is there: one for extended resources is made now, and gets what was promised to it. */
  async #written(plan: DevicePlan): Promise<DevicePlan> {
    if (plan.mappings === undefined) return plan;
    const { devices, writes } = this.#parts;
    this.#made = await writes.make(this.#pod, plan.claim);
    devices.promise(this.#made, plan.allocation!);
    devices.unpromise(plan.claim);
    return { ...plan, claim: this.#made };
  }

  /** The pod will not come to the node. */
  async undo(): Promise<void> {
    const { devices, writes } = this.#parts;
    const made = this.#made;
    if (made !== undefined) {
      devices.unpromise(made);
      await writes.remove(this.#pod, made);
    }
    for (const { claim } of this.#plans.slice(this.#given.length)) devices.unpromise(claim);
    for (const claim of [...this.#ready, ...this.#given])
      if (claim.metadata.uid !== made?.metadata.uid) await writes.takeBack(this.#pod, claim);
  }
}
