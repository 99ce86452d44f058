import type { StatefulSet } from '../../../api/apps/v1/types.ts';
import { Pods, type Pod, type PodTemplateSpec } from '../../../api/core/v1/types.ts';
import { isStatus } from '../../../apimachinery/status.ts';
import type { Cluster } from '../../../reconciler/controller.ts';
import { messageOf } from '../pod-control.ts';
import { makeClaims, ownClaims } from './claim-control.ts';
import { ordinalOf, podName, repaired, statefulPod } from './identity.ts';
import type { Step } from './plan.ts';
import { isOfCurrent, type StatefulView } from './stateful-view.ts';

/** What pods are made of. */
export interface Templates {
  readonly current: Versioned;
  readonly update: Versioned;
}

interface Versioned {
  readonly template: PodTemplateSpec;
  readonly revision: string;
}

/** Carries a step out, and tells of it. */
export async function takeStep(step: Step, view: StatefulView, templates: Templates, cluster: Cluster): Promise<void> {
  const { set } = view;
  switch (step.kind) {
    case 'create':
      return createPod(step.ordinal, view, templates, cluster);
    case 'delete':
      return told('Delete', set, step.pod.metadata.name, cluster, () => cluster.delete(Pods, step.pod));
    case 'claim':
      await makeClaims(set, ordinalOf(step.pod), step.pod.metadata.name, cluster);
      return ownClaims(set, step.pod, cluster);
    case 'own':
      return ownClaims(set, step.pod, cluster);
    case 'repair':
      return repair(set, step.pod, cluster);
  }
}

async function createPod(ordinal: number, view: StatefulView, templates: Templates, cluster: Cluster): Promise<void> {
  const { set } = view;
  const name = podName(set, ordinal);
  const from = isOfCurrent(view, ordinal) ? templates.current : templates.update;
  await told('Create', set, name, cluster, async () => {
    await makeClaims(set, ordinal, name, cluster);
    const made = await cluster.create(Pods, statefulPod(set, ordinal, from), { owner: set });
    await ownClaims(set, made, cluster);
  });
}

async function repair(set: Readonly<StatefulSet>, pod: Readonly<Pod>, cluster: Cluster): Promise<void> {
  const { name } = pod.metadata;
  const changed = repaired(set, pod);
  await told('Update', set, name, cluster, async () => {
    if (changed !== undefined) await makeClaims(set, ordinalOf(pod), name, cluster);
    await ownClaims(set, pod, cluster);
    if (changed !== undefined) await cluster.update(Pods, changed);
  });
}

/** Records an event about what becomes of a deed. A pod that somebody else has made under the name is no news. */
async function told(
  verb: 'Create' | 'Delete' | 'Update',
  set: Readonly<StatefulSet>,
  pod: string,
  cluster: Cluster,
  act: () => Promise<void>,
): Promise<void> {
  const about = `${verb} Pod ${pod} in StatefulSet ${set.metadata.name}`;
  try {
    await act();
  } catch (error) {
    if (!isStatus(error, 'AlreadyExists'))
      cluster.events.record(set, 'Warning', `Failed${verb}`, `${about} failed error: ${messageOf(error)}`);
    throw error;
  }
  cluster.events.record(set, 'Normal', `Successful${verb}`, `${about} successful`);
}
