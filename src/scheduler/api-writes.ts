import { Pods, type Pod, type PodCondition } from '../api/core/v1/types.ts';
import { keyOf } from '../apimachinery/object.ts';
import { isStatus } from '../apimachinery/status.ts';
import { rfc3339 } from '../apimachinery/time.ts';
import type { Clock } from '../base/clock.ts';
import { KeyedSerial } from '../base/serial.ts';
import type { Client } from '../client/client.ts';
import type { PodInfo } from './framework/pod-info.ts';
import { causedBy } from './pod-wait.ts';

/** Everything that the scheduler writes about pods. The writes about one pod are made one after the other. */
export class ApiWrites {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #name: string;
  readonly #serial = new KeyedSerial();

  constructor(options: { readonly client: Client; readonly clock: Clock; readonly name: string }) {
    this.#client = options.client;
    this.#clock = options.clock;
    this.#name = options.name;
  }

  /** Gives the pod its node. Throws what the server refuses with. */
  bind({ key, pod, uid }: PodInfo, nodeName: string): Promise<void> {
    const { namespace, name } = pod.metadata;
    const target = { apiVersion: 'v1', kind: 'Node', name: nodeName };
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { namespace, name, uid }, target };
    return this.#serial.run(key, async () => {
      await this.#client.post(Pods, keyOf(pod as Pod), 'binding', binding, causedBy(pod, this.#name));
    });
  }

  /**
   * Notes in the pod's status why it has no node, and which one is being made ready for it. Writes nothing that stands
   * there already.
   */
  noteUnscheduled(
    { key, pod }: PodInfo,
    reason: string,
    message: string,
    nominatedNodeName: string | undefined,
  ): Promise<void> {
    const old = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
    const isSame = old?.status === 'False' && old.reason === reason && old.message === message;
    const hasNomination = pod.status?.nominatedNodeName ?? '';
    if (isSame && hasNomination === (nominatedNodeName ?? '')) return Promise.resolve();
    const condition = {
      ...this.#condition(pod, old, { type: 'PodScheduled', status: 'False', reason, message }),
      lastProbeTime: null,
    };
    const nomination =
      hasNomination === (nominatedNodeName ?? '') ? {} : { nominatedNodeName: nominatedNodeName ?? null };
    return this.#serial.run(key, () => this.#patchStatus(pod, { conditions: [condition], ...nomination }));
  }

  /** The pod is not promised a node any more. */
  clearNomination({ key, pod }: PodInfo): Promise<void> {
    return this.#serial.run(key, () => this.#patchStatus(pod, { nominatedNodeName: null }));
  }

  /** Says on the victim why it goes, and deletes it with its own grace. One that is gone already is as good. */
  evict({ key, pod, uid }: PodInfo): Promise<void> {
    const old = pod.status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
    const message = `${this.#name}: preempting to accommodate a higher priority pod`;
    const condition = this.#condition(pod, old, {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'PreemptionByScheduler',
      message,
    });
    return this.#serial.run(key, async () => {
      await this.#patchStatus(pod, { conditions: [condition] });
      try {
        await this.#client.delete(Pods, keyOf(pod as Pod), { preconditions: { uid }, ...causedBy(pod, this.#name) });
      } catch (error) {
        if (!isStatus(error, 'NotFound', 'Conflict')) throw error;
      }
    });
  }

  #condition(
    { metadata }: Readonly<Pod>,
    old: Readonly<PodCondition> | undefined,
    condition: PodCondition,
  ): PodCondition {
    const since = old?.status === condition.status ? old.lastTransitionTime : rfc3339(this.#clock.now());
    const { generation } = metadata;
    return {
      ...condition,
      lastTransitionTime: since,
      ...(generation === undefined ? {} : { observedGeneration: generation }),
    };
  }

  async #patchStatus(pod: Readonly<Pod>, status: object): Promise<void> {
    const options = { subresource: 'status', ...causedBy(pod, this.#name) };
    try {
      await this.#client.patch(
        Pods,
        keyOf(pod as Pod),
        { type: 'strategic', body: { metadata: { uid: pod.metadata.uid }, status } },
        options,
      );
    } catch (error) {
      if (!isStatus(error, 'NotFound', 'Conflict')) throw error;
    }
  }
}
