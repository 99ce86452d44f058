import { fits, rejects, type FilterStage, type SchedulerPlugin } from '../framework/plugin.ts';
import { claimsOf, planVolumes, type PodClaims } from '../framework/pod-volumes.ts';
import type { StorageState } from '../framework/storage-state.ts';

interface State {
  readonly claims: PodClaims;
  readonly storage: StorageState;
}

/** Keeps a pod to the nodes that reach its volumes, or on which its claims can get some. */
export const volumeBinding: SchedulerPlugin = {
  name: 'VolumeBinding',
  retryOn: ['node-added', 'node-relabelled', 'storage-changed', 'self-changed'],
  mayHelp: ({ namespace, claims }, change) =>
    change.type !== 'storage-changed' ||
    change.claim === undefined ||
    (change.claim.namespace === namespace && claims.includes(change.claim.name)),
  filter: {
    prepare(pod, { storage }) {
      if (pod.claims.length === 0) return undefined;
      const claims = claimsOf(pod, storage);
      return typeof claims === 'string' ? rejects([claims], { evictionMayHelp: false }) : { claims, storage };
    },
    test({ claims, storage }, node) {
      const plan = planVolumes(claims, node, storage);
      return 'bind' in plan ? fits : rejects(plan, { evictionMayHelp: false });
    },
  } satisfies FilterStage<State>,
};
