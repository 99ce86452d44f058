import { DaemonSets, type DaemonSet, type DaemonSetSpec, type DaemonSetStatus } from '../../../api/apps/v1/types.ts';
import { semanticEqual } from '../../../apimachinery/equality.ts';
import { labelSelectorText } from '../../../apimachinery/selectors/label-selector.ts';
import { invalid, notSupported, required } from '../../../apimachinery/validation.ts';
import { ageOf, containerImages, containerNames, labelsCell } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { checkNonNegative, type Errors } from '../checks.ts';
import { podTemplateDefaults } from '../core/pod-spec/defaults.ts';
import { checkPodTemplate } from '../core/pod-spec/template.ts';
import { podWarnings } from '../core/pod-spec/warnings.ts';
import { checkEndless, checkSameSelector, checkTemplateIsSelected, emptyTemplate } from '../core/replication.ts';
import { checkLabelSelector, isEmptySelector, isUsableSelector } from '../label-selector.ts';
import { checkCollisions } from './collisions.ts';
import { checkPercentLimit, checkShare, shareNumber } from './shares.ts';
import { setTemplateGeneration, templateGeneration, templateGenerationDefault } from './template-generation.ts';

/** Keeps a pod on each node that fits. */
export const daemonSet: ResourceDefinition<DaemonSet> = {
  type: DaemonSets,

  strategy: {
    defaults(draft) {
      templateGenerationDefault(draft);
      const spec = (draft.spec ??= {} as DaemonSetSpec);
      podTemplateDefaults((spec.template ??= emptyTemplate()));
      const strategy = (spec.updateStrategy ??= {});
      strategy.type ||= 'RollingUpdate';
      if (strategy.type === 'RollingUpdate') {
        const rolling = (strategy.rollingUpdate ??= {});
        rolling.maxUnavailable ??= 1;
        rolling.maxSurge ??= 0;
      } else if (strategy.rollingUpdate !== undefined) {
        // Kubernetes' server keeps numbers here, which it does not look at.
        strategy.rollingUpdate.maxUnavailable ??= 0;
        strategy.rollingUpdate.maxSurge ??= 0;
      }
      spec.revisionHistoryLimit ??= 10;
    },

    prepareForCreate(draft) {
      draft.status = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 };
      const wanted = templateGeneration(draft);
      setTemplateGeneration(draft, wanted < 1n ? 1n : wanted);
    },

    prepareForUpdate(draft, old) {
      templateGeneration(draft); // one that is no number is refused
      const before = templateGeneration(old);
      const isSame = semanticEqual(draft.spec.template, old.spec.template);
      setTemplateGeneration(draft, isSame ? before : before + 1n);
    },

    validate({ spec }, old) {
      const errors: Errors = [];
      checkSameSelector(errors, spec, old);
      checkSpec(errors, spec);
      return errors;
    },

    warnings({ spec }, old) {
      if (old !== undefined && semanticEqual(spec.template, old.spec.template)) return [];
      return podWarnings(spec.template.metadata ?? {}, spec.template.spec, 'spec.template');
    },

    status: {
      prepareForUpdate(draft, old) {
        setTemplateGeneration(draft, templateGeneration(old));
      },
      validate({ status }, old) {
        const errors: Errors = [];
        for (const name of counts) checkNonNegative(errors, `status.${name}`, status?.[name]);
        checkCollisions(errors, status, old.status);
        return errors;
      },
    },
  },

  columns: {
    cells: ({ metadata, spec, status }, now) => [
      metadata.name,
      status?.desiredNumberScheduled ?? 0,
      status?.currentNumberScheduled ?? 0,
      status?.numberReady ?? 0,
      status?.updatedNumberScheduled ?? 0,
      status?.numberAvailable ?? 0,
      labelsCell(spec.template.spec.nodeSelector),
      ageOf({ metadata }, now),
      containerNames(spec.template.spec),
      containerImages(spec.template.spec),
      labelSelectorText(spec.selector),
    ],
  },
};

function checkSpec(errors: Errors, spec: DaemonSetSpec): void {
  const { template } = spec;
  const selector: DaemonSetSpec['selector'] | null | undefined = spec.selector;
  if (selector) checkLabelSelector(errors, selector, 'spec.selector');
  if (!selector || isUsableSelector(selector)) checkTemplateIsSelected(errors, selector, template, 'spec.template');
  if (selector && isEmptySelector(selector))
    errors.push(invalid('spec.selector', {}, 'empty selector is invalid for daemonset'));
  checkPodTemplate(errors, template, 'spec.template');
  checkEndless(errors, template, 'spec.template', 'DaemonSet');
  checkNonNegative(errors, 'spec.minReadySeconds', spec.minReadySeconds);
  checkStrategy(errors, spec.updateStrategy ?? {});
  checkNonNegative(errors, 'spec.revisionHistoryLimit', spec.revisionHistoryLimit);
}

const strategies = ['RollingUpdate', 'OnDelete'];

function checkStrategy(errors: Errors, strategy: NonNullable<DaemonSetSpec['updateStrategy']>): void {
  const { type = '', rollingUpdate = {} } = strategy;
  if (!strategies.includes(type)) errors.push(notSupported('spec.updateStrategy', strategy, strategies));
  if (type !== 'RollingUpdate') return;
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate;
  const field = 'spec.updateStrategy.rollingUpdate';
  checkShare(errors, maxUnavailable, `${field}.maxUnavailable`);
  checkShare(errors, maxSurge, `${field}.maxSurge`);
  checkPercentLimit(errors, maxUnavailable, `${field}.maxUnavailable`);
  checkPercentLimit(errors, maxSurge, `${field}.maxSurge`);
  const mayMiss = shareNumber(maxUnavailable) !== 0;
  const maySurge = shareNumber(maxSurge) !== 0;
  if (mayMiss && maySurge)
    errors.push(invalid(`${field}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'));
  if (!mayMiss && !maySurge) errors.push(required(`${field}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
}

const counts = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
  'collisionCount',
] as const satisfies readonly (keyof DaemonSetStatus)[];
