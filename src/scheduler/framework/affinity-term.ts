import type { Pod, PodAffinityTerm } from '../../api/core/v1/types.ts';
import {
  labelSelectorOf,
  nothing,
  type LabelMatcher,
  type LabelSelectorObject,
} from '../../apimachinery/selectors/label-selector.ts';

/** "In the same zone as pods like these": a compiled PodAffinityTerm. Made once for equal terms. */
export interface AffinityTerm {
  /** Equal for equal terms. */
  readonly key: string;
  readonly topologyKey: string;
  readonly namespaces: ReadonlySet<string>;
  /** Picks further namespaces by their labels. */
  readonly namespaceSelector: LabelMatcher;
  readonly selector: LabelMatcher;
}

export interface WeightedTerm {
  readonly term: AffinityTerm;
  readonly weight: number;
}

/** The labels of a namespace. */
export type NamespaceLabels = (namespace: string) => Readonly<Record<string, string>>;

const known = new Map<string, AffinityTerm>();
const mostKnown = 4096;

/** The term as it stands in the spec of `pod`. */
export function affinityTerm(term: PodAffinityTerm, pod: Readonly<Pod>): AffinityTerm {
  const { topologyKey, namespaceSelector } = term;
  const isLocal = (term.namespaces ?? []).length === 0 && namespaceSelector === undefined;
  const namespaces = isLocal ? [pod.metadata.namespace ?? 'default'] : [...(term.namespaces ?? [])].sort();
  const labelSelector = withLabelKeys(term.labelSelector, pod, term.matchLabelKeys, term.mismatchLabelKeys);
  const key = JSON.stringify([topologyKey, namespaces, namespaceSelector, labelSelector]);
  const same = known.get(key);
  if (same !== undefined) return same;
  const made: AffinityTerm = {
    key,
    topologyKey,
    namespaces: new Set(namespaces),
    namespaceSelector: namespaceSelector === undefined ? nothing : labelSelectorOf(namespaceSelector),
    selector: labelSelectorOf(labelSelector),
  };
  if (known.size >= mostKnown) known.clear();
  known.set(key, made);
  return made;
}

export function termMatches(
  term: AffinityTerm,
  pod: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> },
  namespaceLabels: NamespaceLabels,
): boolean {
  if (!term.selector.matches(pod.labels)) return false;
  return (
    term.namespaces.has(pod.namespace) ||
    (term.namespaceSelector !== nothing && term.namespaceSelector.matches(namespaceLabels(pod.namespace)))
  );
}

/** Adds to a selector that the labels named must have (or must not have) the values that `pod` has. */
export function withLabelKeys(
  selector: LabelSelectorObject | undefined,
  pod: Readonly<Pod>,
  same: readonly string[] = [],
  other: readonly string[] = [],
): LabelSelectorObject | undefined {
  if (selector === undefined || (same.length === 0 && other.length === 0)) return selector;
  const labels = pod.metadata.labels ?? {};
  const expressions = [...(selector.matchExpressions ?? [])];
  for (const [keys, operator] of [
    [same, 'In'],
    [other, 'NotIn'],
  ] as const)
    for (const key of keys) if (labels[key] !== undefined) expressions.push({ key, operator, values: [labels[key]] });
  return { ...selector, matchExpressions: expressions };
}
