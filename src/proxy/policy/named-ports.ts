import type { Protocol } from '../traffic-plan.ts';
import type { NamedPort, PolicyPod } from './policy-pod.ts';

/** The numbers that named ports have in the pods of the cluster. */
export class NamedPorts {
  /** How many pods have a number, by name and protocol. */
  readonly #counts = new Map<string, Map<number, number>>();

  numbers(name: string, protocol: Protocol): readonly number[] {
    return [...(this.#counts.get(`${name}/${protocol}`)?.keys() ?? [])].sort((a, b) => a - b);
  }

  /** Answers the ports that have a number more or less than before. */
  replace(old: PolicyPod | undefined, now: PolicyPod | undefined): NamedPort[] {
    const added = (now?.namedPorts ?? []).filter((port) => this.#count(port, 1) === 1);
    const removed = (old?.namedPorts ?? []).filter((port) => this.#count(port, -1) === 0);
    return [...added, ...removed];
  }

  #count({ name, protocol, port }: NamedPort, more: 1 | -1): number {
    const key = `${name}/${protocol}`;
    const numbers = this.#counts.get(key) ?? new Map<number, number>();
    const count = (numbers.get(port) ?? 0) + more;
    if (count === 0) numbers.delete(port);
    else numbers.set(port, count);
    if (numbers.size === 0) this.#counts.delete(key);
    else this.#counts.set(key, numbers);
    return count;
  }
}
