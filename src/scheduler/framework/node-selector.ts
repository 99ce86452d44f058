import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, Pod } from '../../api/core/v1/types.ts';
import { requirementMatcher, type Labels, type Operator } from '../../apimachinery/selectors/requirement.ts';
import type { NodeInfo } from './node-info.ts';

export type NodeMatcher = (node: NodeInfo) => boolean;

const operators: Record<NodeSelectorRequirement['operator'], Operator> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
  Gt: 'gt',
  Lt: 'lt',
};

/** What the pod requires of a node by `nodeSelector` and required node affinity; `undefined`: nothing. */
export function requiredNodes({ spec }: Readonly<Pod>): NodeMatcher | undefined {
  const wanted = Object.entries(spec.nodeSelector ?? {});
  const affinity = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const selector = affinity && nodeSelectorMatcher(affinity);
  if (wanted.length === 0) return selector;
  return (node) => wanted.every(([key, value]) => node.labels[key] === value) && (selector?.(node) ?? true);
}

/** One of the terms must hold; none at all holds nowhere. */
function nodeSelectorMatcher({ nodeSelectorTerms }: NodeSelector): NodeMatcher {
  const terms = nodeSelectorTerms.map(nodeTermMatcher);
  return terms.length === 1 ? terms[0]! : (node) => terms.some((matches) => matches(node));
}

/** All requirements must hold; a term without any holds nowhere. */
export function nodeTermMatcher({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm): NodeMatcher {
  if (matchExpressions.length === 0 && matchFields.length === 0) return () => false;
  const onLabels = matchExpressions.map(matcher);
  const onFields = matchFields.map(matcher);
  return (node) =>
    onLabels.every((matches) => matches(node.labels)) &&
    onFields.every((matches) => matches({ 'metadata.name': node.name }));
}

/** If every term names nodes outright, the nodes that any of them names; a DaemonSet's pod names one. */
export function namedNodes({ spec }: Readonly<Pod>): ReadonlySet<string> | undefined {
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (terms === undefined || terms.length === 0) return undefined;
  const names = new Set<string>();
  for (const { matchFields = [] } of terms) {
    const lists = matchFields
      .filter(({ key, operator }) => key === 'metadata.name' && operator === 'In')
      .map(({ values }) => values ?? []);
    if (lists.length === 0) return undefined;
    for (const name of lists[0]!) if (lists.every((list) => list.includes(name))) names.add(name);
  }
  return names;
}

function matcher({ key, operator, values = [] }: NodeSelectorRequirement): (labels: Labels) => boolean {
  return requirementMatcher({ key, operator: operators[operator], values });
}
