import type { Protocol } from '../traffic-plan.ts';
import { everyPod, type CompiledPolicy, type PodSelection, type PolicyRule } from './compiled-policy.ts';
import { union, type Interval } from './intervals.ts';
import { anywhere, rangeText } from './ipv4-ranges.ts';
import type { NamedPort, PolicyPod } from './policy-pod.ts';
import { both, portSet, portTexts, type PortSet } from './port-set.ts';

export type Direction = 'ingress' | 'egress';

/** Pods that a selection takes; with `port`: only those that have it under its name. */
export interface PodGroup {
  readonly key: string;
  readonly selection: PodSelection;
  readonly port?: NamedPort;
}

/** All that the policies of a pod let through in one direction. Pods with equal keys share it. */
export interface Profile {
  readonly key: string;
  readonly direction: Direction;
  /** Names of the policies that isolate the pod: `namespace/name`, in order. Whatever is let through by none is theirs. */
  readonly policies: readonly string[];
  readonly pods: readonly { readonly group: PodGroup; readonly ports: PortSet }[];
  readonly addresses: readonly { readonly ranges: readonly Interval[]; readonly ports: PortSet }[];
}

/** The numbers that a named port has in any pod of the cluster. */
export type NumbersOf = (name: string, protocol: Protocol) => readonly number[];

/** `undefined`: no policy isolates the pod in this direction, everything is let through. */
export function planProfile(
  direction: Direction,
  pod: PolicyPod,
  policies: readonly CompiledPolicy[],
  numbersOf: NumbersOf,
): Profile | undefined {
  const isolating = policies.filter((policy) => policy[direction] !== undefined);
  if (isolating.length === 0) return undefined;
  const draft = new Draft(direction, pod, numbersOf);
  for (const policy of isolating) for (const rule of policy[direction]!) draft.allow(rule);
  return draft.profile(isolating.map(({ key }) => key).sort());
}

/** Gathers what rules allow, once for each group of pods and for each set of ports. */
class Draft {
  readonly #direction: Direction;
  readonly #pod: PolicyPod;
  readonly #numbersOf: NumbersOf;
  readonly #pods = new Map<string, { group: PodGroup; ports: PortSet }>();
  readonly #addresses = new Map<string, { ranges: readonly Interval[]; ports: PortSet }>();

  constructor(direction: Direction, pod: PolicyPod, numbersOf: NumbersOf) {
    this.#direction = direction;
    this.#pod = pod;
    this.#numbersOf = numbersOf;
  }

  allow(rule: PolicyRule): void {
    const ports = this.#portsOf(rule);
    if (ports === 'everything' || ports.size > 0) {
      if (rule.peers === undefined) this.#allowAddresses(anywhere, ports);
      for (const peer of rule.peers ?? [])
        if (peer.kind === 'addresses') this.#allowAddresses(peer.ranges, ports);
        else this.#allowPods({ key: peer.selection.key, selection: peer.selection }, ports);
    }
    if (this.#direction === 'egress') this.#allowNamedPorts(rule);
  }

  profile(policies: readonly string[]): Profile {
    const direction = this.#direction;
    const open = [...this.#addresses.values()].find(
      ({ ranges, ports }) => ports === 'everything' && ranges[0]?.[1] === anywhere[0]![1],
    );
    const pods = open ? [] : [...this.#pods.values()];
    const addresses = open ? [open] : [...this.#addresses.values()];
    const key = [
      `${direction} ${policies.join(' ')}`,
      ...pods.map(({ group, ports }) => `${group.key} ${portTexts(ports).join()}`),
      ...addresses.map(({ ranges, ports }) => `${ranges.map(rangeText).join()} ${portTexts(ports).join()}`),
    ];
    return { key: key.join('\n'), direction, policies, pods, addresses };
  }

  /** Ports by number; of those by name, what they are in the pod itself where that is connected to. */
  #portsOf({ ports }: PolicyRule): PortSet {
    if (ports === undefined) return 'everything';
    return portSet(
      ports.flatMap((port) => {
        if ('ports' in port) return [port];
        if (this.#direction === 'egress') return [];
        return this.#pod.namedPorts
          .filter(({ name, protocol }) => name === port.name && protocol === port.protocol)
          .map(({ protocol, port: number }) => ({ protocol, ports: [number, number] as const }));
      }),
    );
  }

  /** Where others are connected to, a named port may have another number in each of them. Addresses have no names. */
  #allowNamedPorts({ peers, ports = [] }: PolicyRule): void {
    const selections =
      peers === undefined ? [everyPod] : peers.flatMap((peer) => (peer.kind === 'pods' ? [peer.selection] : []));
    for (const port of ports) {
      if ('ports' in port) continue;
      const { name, protocol } = port;
      for (const number of this.#numbersOf(name, protocol)) {
        const only = portSet([{ protocol, ports: [number, number] }]);
        for (const selection of selections) {
          const key = `${selection.key} with ${name}/${protocol} at ${number}`;
          this.#allowPods({ key, selection, port: { name, protocol, port: number } }, only);
        }
      }
    }
  }

  #allowPods(group: PodGroup, ports: PortSet): void {
    const before = this.#pods.get(group.key);
    this.#pods.set(group.key, { group, ports: before === undefined ? ports : both(before.ports, ports) });
  }

  #allowAddresses(ranges: readonly Interval[], ports: PortSet): void {
    if (ranges.length === 0) return;
    const key = portTexts(ports).join();
    this.#addresses.set(key, { ranges: union([...(this.#addresses.get(key)?.ranges ?? []), ...ranges]), ports });
  }
}
