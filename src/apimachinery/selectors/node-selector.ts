import { requirementMatcher, type Labels, type Operator } from './requirement.ts';

/** What selectors look at. */
export interface NodeIdentity {
  readonly name: string;
  readonly labels: Labels;
}

export type NodeMatcher = (node: NodeIdentity) => boolean;

/** core/v1 NodeSelectorRequirement, and the like. */
interface Requirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  readonly values?: readonly string[];
}

interface Term {
  readonly matchExpressions?: readonly Requirement[];
  readonly matchFields?: readonly Requirement[];
}

/** What a pod, or a template of pods, says of nodes. */
interface Placed {
  readonly spec: Placement;
}

interface Placement {
  readonly nodeSelector?: Labels;
  readonly affinity?: {
    readonly nodeAffinity?: {
      readonly requiredDuringSchedulingIgnoredDuringExecution?: { readonly nodeSelectorTerms: readonly Term[] };
    };
  };
}

const operators: Record<Requirement['operator'], Operator> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
  Gt: 'gt',
  Lt: 'lt',
};

/** What a pod requires of a node by `nodeSelector` and required node affinity; `undefined`: nothing. */
export function requiredNodes({ spec: { nodeSelector, affinity } }: Placed): NodeMatcher | undefined {
  const wanted = Object.entries(nodeSelector ?? {});
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const selector = required && nodeSelectorMatcher(required.nodeSelectorTerms);
  if (wanted.length === 0) return selector;
  return (node) => wanted.every(([key, value]) => node.labels[key] === value) && (selector?.(node) ?? true);
}

/** One of the terms must hold; none at all holds nowhere. */
export function nodeSelectorMatcher(terms: readonly Term[]): NodeMatcher {
  const matchers = terms.map(nodeTermMatcher);
  return matchers.length === 1 ? matchers[0]! : (node) => matchers.some((matches) => matches(node));
}

/** All requirements must hold; a term without any holds nowhere. */
export function nodeTermMatcher({ matchExpressions = [], matchFields = [] }: Term): NodeMatcher {
  if (matchExpressions.length === 0 && matchFields.length === 0) return () => false;
  const onLabels = matchExpressions.map(matcher);
  const onFields = matchFields.map(matcher);
  return (node) =>
    onLabels.every((matches) => matches(node.labels)) &&
    onFields.every((matches) => matches({ 'metadata.name': node.name }));
}

function matcher({ key, operator, values = [] }: Requirement): (labels: Labels) => boolean {
  return requirementMatcher({ key, operator: operators[operator], values });
}
