import {
  Deployments,
  type Deployment,
  type DeploymentSpec,
  type DeploymentStatus,
} from '../../../api/apps/v1/types.ts';
import { labelSelectorText } from '../../../apimachinery/selectors/label-selector.ts';
import { forbidden, invalid, notSupported, required } from '../../../apimachinery/validation.ts';
import { ageOf, containerImages, containerNames } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { checkNonNegative, type Errors } from '../checks.ts';
import { podTemplateDefaults } from '../core/pod-spec/defaults.ts';
import {
  checkSameSelector,
  checkSelector,
  checkTemplate,
  emptyTemplate,
  replicaScale,
  replicationWarnings,
} from '../core/replication.ts';
import { checkCollisions } from './collisions.ts';
import { checkPercentLimit, checkShare, shareNumber } from './shares.ts';

/** Brings pods from one version to the next. */
export const deployment: ResourceDefinition<Deployment> = {
  type: Deployments,

  strategy: {
    // They are copied to the replica sets.
    generationCounts: 'annotations',

    defaults(draft) {
      const spec = (draft.spec ??= {} as DeploymentSpec);
      podTemplateDefaults((spec.template ??= emptyTemplate()));
      spec.replicas ??= 1;
      const strategy = (spec.strategy ??= {});
      strategy.type ||= 'RollingUpdate';
      if (strategy.type === 'RollingUpdate') {
        const rolling = (strategy.rollingUpdate ??= {});
        rolling.maxUnavailable ??= '25%';
        rolling.maxSurge ??= '25%';
      }
      spec.revisionHistoryLimit ??= 10;
      spec.progressDeadlineSeconds ??= 600;
    },

    prepareForCreate(draft) {
      draft.status = {};
    },

    validate({ spec }, old) {
      const errors: Errors = [];
      const template = spec.template ?? emptyTemplate();
      checkNonNegative(errors, 'spec.replicas', spec.replicas);
      checkSelector(errors, { ...spec, template }, 'spec', 'deployment');
      checkTemplate(errors, { ...spec, template }, 'spec');
      checkStrategy(errors, spec.strategy ?? {});
      checkNonNegative(errors, 'spec.minReadySeconds', spec.minReadySeconds);
      checkNonNegative(errors, 'spec.revisionHistoryLimit', spec.revisionHistoryLimit);
      const { progressDeadlineSeconds: deadline, minReadySeconds = 0 } = spec;
      checkNonNegative(errors, 'spec.progressDeadlineSeconds', deadline);
      if (deadline !== undefined && deadline <= minReadySeconds)
        errors.push(invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'));
      checkSameSelector(errors, spec, old);
      return errors;
    },

    warnings: replicationWarnings,

    status: {
      keepsMetadata: ['labels'],
      validate({ status }, old) {
        const errors: Errors = [];
        checkStatus(errors, status ?? {});
        checkCollisions(errors, status, old.status);
        return errors;
      },
    },
  },

  columns: {
    cells: (object, now) => [
      object.metadata.name,
      `${object.status?.readyReplicas ?? 0}/${object.spec.replicas ?? 0}`,
      object.status?.updatedReplicas ?? 0,
      object.status?.availableReplicas ?? 0,
      ageOf(object, now),
      containerNames(object.spec.template?.spec),
      containerImages(object.spec.template?.spec),
      labelSelectorText(object.spec.selector),
    ],
  },

  subresources: {
    scale: replicaScale(({ spec }) => labelSelectorText(spec.selector)),
  },
};

const strategies = ['Recreate', 'RollingUpdate'];

function checkStrategy(errors: Errors, strategy: NonNullable<DeploymentSpec['strategy']>): void {
  const { type = '', rollingUpdate } = strategy;
  if (!strategies.includes(type)) errors.push(notSupported('spec.strategy', strategy as unknown as string, strategies));
  else if (type === 'Recreate') {
    if (rollingUpdate !== undefined)
      errors.push(forbidden('spec.strategy.rollingUpdate', "may not be specified when strategy `type` is 'Recreate'"));
  } else if (rollingUpdate === undefined)
    errors.push(required('spec.strategy.rollingUpdate', 'this should be defaulted and never be nil'));
  else {
    const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate;
    const field = 'spec.strategy.rollingUpdate';
    checkShare(errors, maxUnavailable, `${field}.maxUnavailable`);
    checkShare(errors, maxSurge, `${field}.maxSurge`);
    if (shareNumber(maxUnavailable) === 0 && shareNumber(maxSurge) === 0)
      errors.push(invalid(`${field}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
    checkPercentLimit(errors, maxUnavailable, `${field}.maxUnavailable`);
  }
}

const counts = [
  'observedGeneration',
  'replicas',
  'updatedReplicas',
  'terminatingReplicas',
  'readyReplicas',
  'availableReplicas',
  'unavailableReplicas',
] as const;

function checkStatus(errors: Errors, status: DeploymentStatus): void {
  for (const name of counts) checkNonNegative(errors, `status.${name}`, status[name]);
  checkNonNegative(errors, 'status.collisionCount', status.collisionCount);
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  for (const name of ['updatedReplicas', 'readyReplicas', 'availableReplicas'] as const) {
    const count = status[name] ?? 0;
    if (count > replicas) errors.push(invalid(`status.${name}`, count, 'cannot be greater than status.replicas'));
  }
  if (availableReplicas > readyReplicas)
    errors.push(invalid('status.availableReplicas', availableReplicas, 'cannot be greater than readyReplicas'));
}
