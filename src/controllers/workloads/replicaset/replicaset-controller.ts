import { ReplicaSets, type ReplicaSet } from '../../../api/apps/v1/types.ts';
import { labelSelectorMatcher } from '../../../apimachinery/selectors/label-selector.ts';
import { replicaController } from './replica-controller.ts';

export const replicaSetController = replicaController<ReplicaSet>({
  type: ReplicaSets,
  name: 'replicaset-controller',
  selects: ({ spec }) => labelSelectorMatcher(spec.selector),
  template: ({ spec }) => spec.template,
  read: ({ metadata, spec, status }) => ({
    generation: metadata.generation,
    replicas: spec.replicas ?? 1,
    minReadySeconds: spec.minReadySeconds ?? 0,
    templateLabels: spec.template?.metadata?.labels ?? {},
    status,
    tellsTerminating: true,
  }),
});
