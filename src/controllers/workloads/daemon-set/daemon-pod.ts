import type { DaemonSet } from '../../../api/apps/v1/types.ts';
import type { Affinity, Pod } from '../../../api/core/v1/types.ts';
import { podFromTemplate } from '../pod-from-template.ts';
import { tolerationsOf } from './node-fit.ts';

/** The hash of the template that a pod was made of; revisions carry it, too. */
export const hashLabel = 'controller-revision-hash';
const generationLabel = 'pod-template-generation';
const generationAnnotation = 'deprecated.daemonset.template.generation';

/** The set's pod for one node, which the scheduler then finds to be the only one that fits. */
export function daemonPod(set: Readonly<DaemonSet>, node: string, hash: string): Pod {
  const { template } = set.spec;
  const generation = set.metadata.annotations?.[generationAnnotation];
  const pod = podFromTemplate(set, template);
  const labels = {
    ...pod.metadata.labels,
    ...(generation === undefined ? {} : { [generationLabel]: generation }),
    [hashLabel]: hash,
  };
  const spec = {
    ...template.spec,
    tolerations: [...tolerationsOf(template.spec)],
    affinity: onlyOn(node, template.spec.affinity),
  };
  return { ...pod, metadata: { ...pod.metadata, labels }, spec };
}

/** The node was chosen by what the template requires, so its name takes the place of that. */
function onlyOn(node: string, affinity: Affinity = {}): Affinity {
  const required = {
    ...affinity.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution,
    nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In' as const, values: [node] }] }],
  };
  return {
    ...affinity,
    nodeAffinity: { ...affinity.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: required },
  };
}

/** The node that a pod is on, or was made for. */
export function targetNode({ spec }: Readonly<Pod>): string | undefined {
  if (spec.nodeName) return spec.nodeName;
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const named = terms
    .flatMap(({ matchFields = [] }) => matchFields)
    .find(({ key, operator }) => key === 'metadata.name' && operator === 'In');
  return named?.values?.length === 1 ? named.values[0] : undefined;
}

/** Whether the pod is of the present template. */
export function isUpToDate({ metadata: { labels } }: Readonly<Pod>, set: Readonly<DaemonSet>, hash: string): boolean {
  const generation = set.metadata.annotations?.[generationAnnotation];
  return labels?.[hashLabel] === hash || (generation !== undefined && labels?.[generationLabel] === generation);
}
