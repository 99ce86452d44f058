import type { DaemonSet } from '../../../api/apps/v1/types.ts';
import type { Node, PodSpec, Toleration } from '../../../api/core/v1/types.ts';
import { requiredNodes } from '../../../apimachinery/selectors/node-selector.ts';
import { tolerates } from '../../../apimachinery/selectors/toleration.ts';
import { equalJson } from '../../../reconciler/equal-json.ts';

/** Whether a node gets a pod (`run`), and whether it keeps the one that it has (`keep`). */
export interface NodeFit {
  readonly run: boolean;
  readonly keep: boolean;
}

const unfit: NodeFit = { run: false, keep: false };

/** Tells for each node whether the set's pods belong there: by name, selector, affinity and taints. */
export function nodeFitOf({ spec: { template } }: Readonly<DaemonSet>): (node: Readonly<Node>) => NodeFit {
  const pod = template.spec;
  const tolerations = tolerationsOf(pod);
  const isSelected = requiredNodes(template);
  return ({ metadata: { name, labels = {} }, spec }) => {
    if (pod.nodeName && pod.nodeName !== name) return unfit;
    if (isSelected !== undefined && !isSelected({ name, labels })) return unfit;
    const refused = (spec?.taints ?? []).filter((taint) => !tolerates(tolerations, taint));
    return {
      run: !refused.some(({ effect }) => effect === 'NoExecute' || effect === 'NoSchedule'),
      keep: !refused.some(({ effect }) => effect === 'NoExecute'),
    };
  };
}

/** Whether any set can think otherwise of the node than before. */
export function mayFitOtherwise(old: Readonly<Node>, node: Readonly<Node>): boolean {
  return !equalJson(old.metadata.labels, node.metadata.labels) || !equalJson(old.spec?.taints, node.spec?.taints);
}

/** Taints that come from a node's state: a daemon is often there to deal with just that. */
const statesOfNodes: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];
const noNetwork: Toleration = {
  key: 'node.kubernetes.io/network-unavailable',
  operator: 'Exists',
  effect: 'NoSchedule',
};

/** The tolerations that the pods have: those of the template, and those that all daemons get. */
export function tolerationsOf({ tolerations = [], hostNetwork }: PodSpec): readonly Toleration[] {
  const own = tolerations.map(withoutLimit);
  const missing = [...statesOfNodes, ...(hostNetwork === true ? [noNetwork] : [])].filter(
    (wanted) => !own.some((one) => isSame(one, wanted)),
  );
  return [...own, ...missing];
}

/** A toleration that all daemons get holds for good, also where the template says for how long. */
function withoutLimit(toleration: Toleration): Toleration {
  return [...statesOfNodes, noNetwork].find((one) => isSame(one, toleration)) ?? toleration;
}

function isSame(a: Toleration, b: Toleration): boolean {
  return a.key === b.key && a.operator === b.operator && a.effect === b.effect && (a.value ?? '') === (b.value ?? '');
}
