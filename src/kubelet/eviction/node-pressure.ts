import type { Pod } from '../../api/core/v1/types.ts';
import type { Clock } from '../../base/clock.ts';
import type { Pressure } from '../node/node-facts.ts';
import { isCritical } from '../pods/critical-pod.ts';
import type { Verdict } from '../pods/pod-status.ts';
import { qosClassOf } from '../pods/qos-class.ts';
import {
  metThresholds,
  type MetThreshold,
  type Observations,
  type PressureCondition,
  type Thresholds,
} from './thresholds.ts';

/** A condition goes when its cause has been gone for so long (`evictionPressureTransitionPeriod`). */
const transitionMs = 300_000;

/** What a node runs short of, and what that means for pods that come. */
export class NodePressure {
  readonly #observe: () => Promise<Observations>;
  readonly #thresholds: Thresholds;
  readonly #clock: Clock;
  readonly #seenAt = new Map<PressureCondition, number>();

  /** `observe` answers what is left on the node now. */
  constructor(observe: () => Promise<Observations>, thresholds: Thresholds, clock: Clock) {
    this.#observe = observe;
    this.#thresholds = thresholds;
    this.#clock = clock;
  }

  /** Looks at the node: of what less is left than has to be. */
  async look(): Promise<readonly MetThreshold[]> {
    const met = metThresholds(this.#thresholds, await this.#observe());
    for (const { condition } of met) this.#seenAt.set(condition, this.#clock.monotonic());
    return met;
  }

  /** Looks at the node, for its conditions. */
  async pressure(): Promise<Pressure> {
    await this.look();
    const held = this.#conditions();
    return {
      memory: held.includes('MemoryPressure'),
      disk: held.includes('DiskPressure'),
      processes: held.includes('PIDPressure'),
    };
  }

  /**
   * Why a pod is not taken, by what the last look has shown: none while disk or processes are short, none that asks for
   * nothing while memory is, unless it tolerates that.
   */
  refuse(pod: Readonly<Pod>): Verdict | undefined {
    const held = this.#conditions();
    if (held.length === 0 || isCritical(pod)) return undefined;
    const isMemoryAlone = held.length === 1 && held[0] === 'MemoryPressure';
    if (isMemoryAlone && (qosClassOf(pod) !== 'BestEffort' || toleratesMemoryPressure(pod))) return undefined;
    return { reason: 'Evicted', message: `Pod was rejected: The node had condition: [${held.join(' ')}]. ` };
  }

  #conditions(): PressureCondition[] {
    const since = this.#clock.monotonic() - transitionMs;
    return [...this.#seenAt].filter(([, at]) => at > since).map(([condition]) => condition);
  }
}

function toleratesMemoryPressure({ spec }: Readonly<Pod>): boolean {
  return (spec.tolerations ?? []).some(
    ({ key = '', operator = 'Equal', value = '', effect = '' }) =>
      (effect === '' || effect === 'NoSchedule') &&
      (key === 'node.kubernetes.io/memory-pressure' || (key === '' && operator === 'Exists')) &&
      (operator === 'Exists' || value === ''),
  );
}
