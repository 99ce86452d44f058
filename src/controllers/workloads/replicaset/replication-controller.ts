import { ReplicationControllers, type ReplicationController } from '../../../api/core/v1/types.ts';
import { labelMapMatcher } from '../../../apimachinery/selectors/label-selector.ts';
import { replicaController } from './replica-controller.ts';

/** The forerunner of the replica set: a map of labels instead of a selector, otherwise the same. */
export const replicationController = replicaController<ReplicationController>({
  type: ReplicationControllers,
  name: 'replication-controller',
  selects({ spec }) {
    const labels = spec.selector ?? {};
    return Object.keys(labels).length === 0 ? () => false : labelMapMatcher(labels);
  },
  template: ({ spec }) => spec.template,
  read: ({ metadata, spec, status }) => ({
    generation: metadata.generation,
    replicas: spec.replicas ?? 1,
    minReadySeconds: spec.minReadySeconds ?? 0,
    templateLabels: spec.template?.metadata?.labels ?? {},
    status,
    tellsTerminating: false,
  }),
});
