import { jsonEqual } from '../../apimachinery/equality.ts';
import type { Labels } from '../../apimachinery/selectors/requirement.ts';
import type { Clock } from '../../base/clock.ts';
import { Claims } from '../claims.ts';
import type { TableModel } from '../rule-writer.ts';
import type { Difference, Element } from '../table.ts';
import type { Flow } from '../traffic-plan.ts';
import { ByNamespace } from './by-namespace.ts';
import type { CompiledPolicy } from './compiled-policy.ts';
import { NamedPorts } from './named-ports.ts';
import { PodGroups } from './pod-groups.ts';
import { samePod, type NamedPort, type PolicyPod } from './policy-pod.ts';
import type { PolicyCollection } from './policy-table.ts';
import { planProfile, type Direction, type PodGroup, type Profile } from './profile.ts';
import { Profiles } from './profiles.ts';

interface Isolation {
  readonly profile: Profile;
  readonly number: number;
}

const directions: readonly Direction[] = ['ingress', 'egress'];
/** How many pods are worked out before others get their turn. */
const workedOutAtOnce = 200;

/**
 * What the policies of the cluster want of the packet rules of a node. Changes are noted, and worked out together by
 * {@link update}: each costs what the pods, policies and groups cost that it touches.
 */
export class PolicyModel implements TableModel<PolicyCollection> {
  readonly #claims = new Claims<PolicyCollection>();
  readonly #pods = new ByNamespace<PolicyPod>();
  readonly #policies = new ByNamespace<CompiledPolicy>();
  readonly #namespaces = new Map<string, Labels>();
  readonly #namedPorts = new NamedPorts();
  readonly #groups = new PodGroups((name) => this.#namespaces.get(name));
  readonly #profiles = new Profiles(this.#claims, (number, group, isUsed) => this.#changeGroup(number, group, isUsed));
  /** What isolates the pods of this node. */
  readonly #isolations = new Map<string, readonly Isolation[]>();
  /** Pods whose profiles are to be found anew. */
  readonly #subjects = new Set<string>();
  /** Pods whose elements are to be found anew. */
  readonly #members = new Set<string>();
  /** Pods of one workload have the same policies and ports, and so the same profile. */
  readonly #planned = new Map<string, Profile | undefined>();

  setPolicy(key: string, policy: CompiledPolicy | undefined): void {
    const old = this.#policies.replace(key, policy);
    this.#planned.clear();
    for (const one of [old, policy]) if (one !== undefined) this.#changePolicy(one);
  }

  /** Answers whether anything has changed. */
  setNamespace(name: string, labels: Labels | undefined): boolean {
    if (jsonEqual(labels, this.#namespaces.get(name))) return false;
    if (labels === undefined) this.#namespaces.delete(name);
    else this.#namespaces.set(name, labels);
    for (const { key } of this.#pods.list(name)) this.#members.add(key);
    return true;
  }

  /** Answers whether anything has changed. */
  setPod(key: string, pod: PolicyPod | undefined): boolean {
    if (samePod(this.#pods.get(key), pod)) return false;
    const old = this.#pods.replace(key, pod);
    if (old?.isLocal || pod?.isLocal) this.#subjects.add(key);
    this.#members.add(key);
    const ports = this.#namedPorts.replace(old, pod);
    if (ports.length > 0) this.#changeNamedPorts(ports);
    return true;
  }

  /** Works out what has changed. */
  async update(clock: Clock): Promise<void> {
    for (let count = 1; this.#subjects.size + this.#members.size > 0; count++) {
      const [subject] = this.#subjects;
      const [member = ''] = this.#members;
      if (subject !== undefined) this.#isolate(subject);
      else this.#place(member);
      if (count % workedOutAtOnce === 0) await clock.sleep(0);
    }
    this.#planned.clear();
  }

  elements(): Element<PolicyCollection>[] {
    return this.#claims.all();
  }

  difference(): Difference<PolicyCollection> {
    return this.#claims.difference();
  }

  /** Connections that were let through go on: there is none to forget. */
  taken(): Flow[] {
    this.#claims.taken();
    return [];
  }

  /** The profile that has a number, or had it until a while ago. */
  profile(number: number): Profile | undefined {
    return this.#profiles.byNumber(number);
  }

  /** How many pods of this node are isolated. */
  isolated(): number {
    return this.#isolations.size;
  }

  podAt(address: string): PolicyPod | undefined {
    for (const pod of this.#pods.list()) if (pod.address === address) return pod;
    return undefined;
  }

  #changePolicy({ namespace, pods }: CompiledPolicy): void {
    for (const { key, isLocal, labels } of this.#pods.list(namespace))
      if (isLocal && pods.matches(labels)) this.#subjects.add(key);
  }

  /** What policies allow to named ports of others depends on the numbers that they have there. */
  #changeNamedPorts(changed: readonly NamedPort[]): void {
    const isChanged = (name: string, protocol: string): boolean =>
      changed.some((port) => port.name === name && port.protocol === protocol);
    for (const policy of this.#policies.list()) {
      const ports = policy.egress?.flatMap((rule) => rule.ports ?? []) ?? [];
      if (!ports.some((port) => 'name' in port && isChanged(port.name, port.protocol))) continue;
      this.#planned.clear();
      this.#changePolicy(policy);
    }
  }

  #changeGroup(number: number, group: PodGroup, isUsed: boolean): void {
    if (isUsed) this.#groups.add(number, group);
    else this.#groups.remove(number, group);
    const { namespace } = group.selection;
    for (const pod of this.#pods.list(typeof namespace === 'string' ? namespace : undefined))
      if (!this.#members.has(pod.key) && this.#groups.isIn(pod, group)) this.#members.add(pod.key);
  }

  /** Finds the profiles of a pod of this node; those of what is gone, or elsewhere, are none. */
  #isolate(key: string): void {
    this.#subjects.delete(key);
    this.#members.add(key);
    const pod = this.#pods.get(key);
    const old = this.#isolations.get(key) ?? [];
    const profiles = pod?.isLocal ? this.#profilesOf(pod) : [];
    const now = profiles.map((profile) => ({ profile, number: this.#profiles.use(profile) }));
    for (const { profile } of old) this.#profiles.leave(profile);
    if (now.length === 0) this.#isolations.delete(key);
    else this.#isolations.set(key, now);
  }

  #profilesOf(pod: PolicyPod): Profile[] {
    const policies = [...this.#policies.list(pod.namespace)].filter(({ pods }) => pods.matches(pod.labels));
    if (policies.length === 0) return [];
    const alike = `${policies.map(({ key }) => key).join(' ')} ${JSON.stringify(pod.namedPorts)}`;
    return directions.flatMap((direction) => {
      const key = `${direction} ${alike}`;
      if (!this.#planned.has(key)) {
        const numbersOf = this.#namedPorts.numbers.bind(this.#namedPorts);
        this.#planned.set(key, planProfile(direction, pod, policies, numbersOf));
      }
      const profile = this.#planned.get(key);
      return profile === undefined ? [] : [profile];
    });
  }

  /** Puts a pod where it belongs: among the isolated, and into the groups that selectors take it for. */
  #place(key: string): void {
    this.#members.delete(key);
    const pod = this.#pods.get(key);
    const elements: Element<PolicyCollection>[] = [];
    if (pod !== undefined) {
      const { address } = pod;
      const isolations = this.#isolations.get(key) ?? [];
      for (const { profile, number } of isolations)
        elements.push({ collection: profile.direction, key: address, value: String(number) });
      if (isolations.length > 0) elements.push({ collection: 'itself', key: `${address} . ${address}`, value: '' });
      for (const number of this.#groups.of(pod))
        elements.push({ collection: 'members', key: `${number} . ${address}`, value: '' });
    }
    this.#claims.replace(`pod ${key}`, elements);
  }
}
