import type { Claims } from '../claims.ts';
import type { Element } from '../table.ts';
import { rangeText } from './ipv4-ranges.ts';
import { Numbered } from './numbered.ts';
import { walkOf, type PolicyCollection } from './policy-table.ts';
import { portTexts, type PortSet } from './port-set.ts';
import type { PodGroup, Profile } from './profile.ts';

/** How many profiles are still known by name after they have gone. */
const mostFormer = 1024;

/** The profiles that pods have, with what they are made of, each once however many use it. */
export class Profiles {
  readonly #claims: Claims<PolicyCollection>;
  #lastNumber = 0;
  readonly #numbers = new Map<number, Profile>();
  readonly #former: number[] = [];
  readonly #podGroups: Numbered<PodGroup>;
  readonly #rangeSets: Numbered<readonly string[]>;
  readonly #portSets: Numbered<PortSet>;
  readonly #profiles: Numbered<Profile>;

  /** `onGroup`: called with a group of pods that is used from now on, and with one that is used no more. */
  constructor(claims: Claims<PolicyCollection>, onGroup: (number: number, group: PodGroup, isUsed: boolean) => void) {
    this.#claims = claims;
    const next = (): number => ++this.#lastNumber;
    this.#podGroups = new Numbered(next, {
      onFirst: (number, group: PodGroup) => onGroup(number, group, true),
      onLast: (number, group) => onGroup(number, group, false),
    });
    const owning = <T>(name: string, elementsOf: (number: number, value: T) => Element<PolicyCollection>[]) =>
      new Numbered<T>(next, {
        onFirst: (number, value) => claims.replace(`${name} ${number}`, elementsOf(number, value)),
        onLast: (number) => claims.replace(`${name} ${number}`, []),
      });
    this.#rangeSets = owning<readonly string[]>('ranges', (number, ranges) =>
      ranges.map((range) => ({ collection: 'ranges', key: `${number} . ${range}`, value: '' })),
    );
    this.#portSets = owning<PortSet>('services', (number, ports) =>
      portTexts(ports).map((text) => ({ collection: 'services', key: `${number} . ${text}`, value: '' })),
    );
    this.#profiles = new Numbered(next, {
      onFirst: (number, profile: Profile) => this.#add(number, profile),
      onLast: (number, profile) => this.#remove(number, profile),
    });
  }

  /** One pod more has the profile. Answers its number. */
  use(profile: Profile): number {
    return this.#profiles.use(profile.key, profile);
  }

  leave(profile: Profile): void {
    this.#profiles.leave(profile.key);
  }

  /** The profile that has a number, or had it until a while ago. */
  byNumber(number: number): Profile | undefined {
    return this.#numbers.get(number);
  }

  #add(number: number, profile: Profile): void {
    this.#numbers.set(number, profile);
    const elements: Element<PolicyCollection>[] = [
      { collection: 'walks', key: String(number), value: `goto ${walkOf(profile)}` },
    ];
    const step = (peers: number, ports: PortSet): void => {
      const key = `${number} . ${(elements.length - 1) / 2}`;
      const services = this.#portSets.use(keyOf(ports), ports);
      elements.push({ collection: 'peers', key, value: String(peers) });
      elements.push({ collection: 'ports', key, value: String(services) });
    };
    for (const { group, ports } of profile.pods) step(this.#podGroups.use(group.key, group), ports);
    for (const { ranges, ports } of profile.addresses) {
      const texts = ranges.map(rangeText);
      step(this.#rangeSets.use(texts.join(), texts), ports);
    }
    this.#claims.replace(`profile ${number}`, elements);
  }

  #remove(number: number, { pods, addresses }: Profile): void {
    this.#claims.replace(`profile ${number}`, []);
    for (const { group } of pods) this.#podGroups.leave(group.key);
    for (const { ranges } of addresses) this.#rangeSets.leave(ranges.map(rangeText).join());
    for (const { ports } of [...pods, ...addresses]) this.#portSets.leave(keyOf(ports));
    if (this.#former.push(number) > mostFormer) this.#numbers.delete(this.#former.shift()!);
  }
}

function keyOf(ports: PortSet): string {
  return portTexts(ports).join();
}
