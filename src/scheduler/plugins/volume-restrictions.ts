import { fits, rejects, type FilterStage, type SchedulerPlugin } from '../framework/plugin.ts';

const rejection = rejects(
  ['node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode'],
  { evictionMayHelp: true },
);

interface State {
  readonly namespace: string;
  /** The claims of the pod that one pod alone may use. */
  readonly exclusive: readonly string[];
  /** How many pods on nodes use any of them. */
  readonly uses: number;
}

/** One pod alone uses a claim with the mode ReadWriteOncePod, on whatever node. */
export const volumeRestrictions: SchedulerPlugin = {
  name: 'VolumeRestrictions',
  retryOn: ['pod-removed', 'storage-changed', 'self-changed'],
  mayHelp: ({ namespace, claims }, change) =>
    change.type !== 'pod-removed' ||
    (change.pod.namespace === namespace && change.pod.claims.some((name) => claims.includes(name))),
  filter: {
    prepare({ claims, namespace }, { storage }) {
      if (claims.length === 0) return undefined;
      const exclusive = claims.filter(
        (name) => storage.claims.get(`${namespace}/${name}`)?.spec.accessModes?.includes('ReadWriteOncePod') === true,
      );
      const uses = exclusive.reduce((sum, name) => sum + storage.usesOf(`${namespace}/${name}`), 0);
      return exclusive.length === 0 ? undefined : { namespace, exclusive, uses };
    },
    test: ({ uses }) => (uses > 0 ? rejection : fits),
    change(state, { namespace, claims }, _node, by) {
      if (namespace !== state.namespace) return state;
      const shared = claims.filter((name) => state.exclusive.includes(name)).length;
      return shared === 0 ? state : { ...state, uses: state.uses + by * shared };
    },
  } satisfies FilterStage<State>,
};
