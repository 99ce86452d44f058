import type { LabelMatcher } from '../../apimachinery/selectors/label-selector.ts';
import type { Labels } from '../../apimachinery/selectors/requirement.ts';
import type { PolicyPod } from './policy-pod.ts';
import type { PodGroup } from './profile.ts';

/** Labels of a namespace, `undefined` while it is not known. */
export type NamespaceLabels = (name: string) => Labels | undefined;

interface NumberedGroup {
  readonly number: number;
  readonly group: PodGroup;
}

/** The groups of pods that are in use, so that those of a pod are found without a look at all of them. */
export class PodGroups {
  readonly #labelsOf: NamespaceLabels;
  readonly #byNamespace = new Map<string, Map<number, NumberedGroup>>();
  /** Those that select namespaces by labels. */
  readonly #anywhere = new Map<number, NumberedGroup>();

  constructor(labelsOf: NamespaceLabels) {
    this.#labelsOf = labelsOf;
  }

  add(number: number, group: PodGroup): void {
    this.#placeOf(group).set(number, { number, group });
  }

  remove(number: number, group: PodGroup): void {
    const place = this.#placeOf(group);
    place.delete(number);
    const { namespace } = group.selection;
    if (place.size === 0 && typeof namespace === 'string') this.#byNamespace.delete(namespace);
  }

  /** The numbers of the groups that a pod is in. */
  of(pod: PolicyPod): number[] {
    const candidates = [...(this.#byNamespace.get(pod.namespace)?.values() ?? []), ...this.#anywhere.values()];
    return candidates.filter(({ group }) => this.isIn(pod, group)).map(({ number }) => number);
  }

  isIn({ namespace, labels, namedPorts }: PolicyPod, { selection, port }: PodGroup): boolean {
    const isThere =
      typeof selection.namespace === 'string'
        ? selection.namespace === namespace
        : isSelected(selection.namespace, this.#labelsOf(namespace));
    if (!isThere || !selection.pods.matches(labels)) return false;
    if (port === undefined) return true;
    return namedPorts.some((one) => one.name === port.name && one.protocol === port.protocol && one.port === port.port);
  }

  #placeOf({ selection: { namespace } }: PodGroup): Map<number, NumberedGroup> {
    if (typeof namespace !== 'string') return this.#anywhere;
    let place = this.#byNamespace.get(namespace);
    if (place === undefined) this.#byNamespace.set(namespace, (place = new Map()));
    return place;
  }
}

/** What is not known yet has no labels, which is not to say that it lacks some. */
function isSelected({ requirements, matches }: LabelMatcher, labels: Labels | undefined): boolean {
  return requirements.length === 0 || (labels !== undefined && matches(labels));
}
