import { ControllerRevisions } from '../../../api/apps/v1/types.ts';
import type { PodTemplateSpec } from '../../../api/core/v1/types.ts';
import { keyOf, type KubeObject } from '../../../apimachinery/object.ts';
import { isStatus } from '../../../apimachinery/status.ts';
import type { Cluster } from '../../../reconciler/controller.ts';
import { shortHash } from '../short-hash.ts';
import { holds, inOrder, planRevision, templatePatch, type Revision, type TemplatePatch } from './revision.ts';

/** A set whose templates are remembered as ControllerRevisions. */
export interface Remembered extends KubeObject {
  readonly spec: { readonly template: PodTemplateSpec };
  readonly status?: { readonly collisionCount?: number };
}

export interface History {
  /** Of the present template. */
  readonly update: Revision;
  /** All, in order, `update` among them. */
  readonly revisions: readonly Revision[];
  /** How many names of revisions were found taken, ever. */
  readonly collisions: number;
}

/** Longest name of a set that stands whole in the names of its revisions. */
const longestPrefix = 223;

/**
 * Makes sure that the present template has a revision, and that it is the newest. `hashLabel` is where a revision
 * carries the hash that its name ends in.
 */
export async function ensureRevision(
  set: Readonly<Remembered>,
  known: readonly Revision[],
  hashLabel: string,
  cluster: Cluster,
): Promise<History> {
  const revisions = inOrder(known);
  const patch = templatePatch(set.spec.template);
  const plan = planRevision(revisions, patch);
  const collisions = set.status?.collisionCount ?? 0;
  if (plan.kind === 'keep') return { update: plan.revision, revisions, collisions };
  if (plan.kind === 'renumber') {
    const update = await cluster.update(ControllerRevisions, { ...plan.revision, revision: plan.number });
    return { update, revisions: [...revisions.filter((one) => one !== plan.revision), update], collisions };
  }
  const made = await create(set, patch, plan.number, hashLabel, collisions, cluster);
  return { ...made, revisions: [...revisions, made.update] };
}

/** A name that is taken by another revision leads to the next one. */
async function create(
  set: Readonly<Remembered>,
  patch: TemplatePatch,
  revision: number,
  hashLabel: string,
  collisionsSoFar: number,
  cluster: Cluster,
): Promise<{ update: Revision; collisions: number }> {
  const { name, namespace, annotations } = set.metadata;
  for (let collisions = collisionsSoFar; ; collisions++) {
    const hash = shortHash(patch, collisions);
    const wanted = {
      metadata: {
        name: `${name.slice(0, longestPrefix)}-${hash}`,
        namespace,
        labels: { ...set.spec.template.metadata?.labels, [hashLabel]: hash },
        ...(annotations && { annotations }),
      },
      data: patch,
      revision,
    };
    try {
      return { update: await cluster.create(ControllerRevisions, wanted, { owner: set }), collisions };
    } catch (error) {
      if (!isStatus(error, 'AlreadyExists')) throw error;
      const found = await cluster.client.get(ControllerRevisions, keyOf(wanted));
      if (holds(found, patch)) return { update: found, collisions };
    }
  }
}
