import type { Device } from '../../api/resource/v1/types.ts';
import {
  addQuantities,
  compareQuantities,
  parseQuantity,
  subtractQuantities,
  zeroQuantity,
  type Quantity,
} from '../../apimachinery/quantity.ts';
import { deviceKey, type DevicesInUse } from './device-state.ts';
import type { NodePool } from './slice-pools.ts';

/** What is left of the counters that the devices of a pool share. */
export class Counters {
  /** By set and counter. */
  readonly #left = new Map<string, Quantity>();

  constructor(pool: NodePool, { whole, shared }: DevicesInUse) {
    for (const [set, counters] of pool.counters)
      for (const [name, { value }] of Object.entries(counters)) this.#left.set(`${set}|${name}`, parseQuantity(value));
    for (const { device } of pool.all) {
      const key = deviceKey(pool.driver, pool.name, device.name);
      if (whole.has(key) || shared.has(key)) this.#change(device, subtractQuantities);
    }
  }

  get size(): number {
    return this.#left.size;
  }

  /** Answers whether there is enough for the device; only then it is taken. */
  take(device: Readonly<Device>): boolean {
    this.#change(device, subtractQuantities);
    if ([...this.#left.values()].every((left) => compareQuantities(left, zeroQuantity) >= 0)) return true;
    this.giveBack(device);
    return false;
  }

  giveBack(device: Readonly<Device>): void {
    this.#change(device, addQuantities);
  }

  #change({ consumesCounters = [] }: Readonly<Device>, change: (a: Quantity, b: Quantity) => Quantity): void {
    for (const { counterSet, counters } of consumesCounters)
      for (const [name, { value }] of Object.entries(counters)) {
        const key = `${counterSet}|${name}`;
        const left = this.#left.get(key);
        if (left !== undefined) this.#left.set(key, change(left, parseQuantity(value)));
      }
  }
}
