import { Jobs, type Job, type JobSpec, type PodFailurePolicy } from '../../../api/batch/v1/types.ts';
import { humanDuration } from '../../../apimachinery/duration.ts';
import { labelSelectorText } from '../../../apimachinery/selectors/label-selector.ts';
import { ageOf, containerImages, containerNames } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import type { Errors } from '../checks.ts';
import { podTemplateDefaults } from '../core/pod-spec/defaults.ts';
import { emptyTemplate, longNameWarnings } from '../core/replication.ts';
import { checkGenerated, checkIndexedHostname, checkSelection, generateSelector } from './job-selector.ts';
import { checkJobSpec, jobWarnings } from './job-spec.ts';
import { checkJobStatus, isTrue } from './job-status.ts';
import { checkJobUpdate } from './job-update.ts';

/** Runs pods until enough of them have succeeded. */
export const job: ResourceDefinition<Job> = {
  type: Jobs,

  strategy: {
    // Kubernetes has done so since before there was a garbage collector.
    garbageCollection: 'orphan',
    deletionWarning:
      'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',

    defaults(draft) {
      jobSpecDefaults((draft.spec ??= {} as JobSpec));
      const { spec } = draft;
      if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
      spec.parallelism ??= 1;
      spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : 2 ** 31 - 1;
      spec.completionMode ??= 'NonIndexed';
      spec.suspend ??= false;
      spec.podReplacementPolicy ??= spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed';
      spec.manualSelector ??= false;
      takeLabels(draft);
    },

    prepareForCreate(draft) {
      draft.status = {};
      if (draft.spec.manualSelector === true) return;
      const { metadata, spec } = draft;
      const hasThoseOfPods = metadata.labels !== undefined && metadata.labels === spec.template.metadata?.labels;
      generateSelector(draft);
      if (hasThoseOfPods) metadata.labels = spec.template.metadata!.labels!;
    },

    // Not before: what is wrong with labels is said of the template alone.
    canonicalize: takeLabels,

    validate(object, old) {
      const { spec } = object;
      const ofSpec: Errors = [];
      checkJobSpec(ofSpec, spec, 'spec');
      checkSelection(ofSpec, spec);
      const errors: Errors = [];
      checkGenerated(errors, object, old);
      errors.push(...ofSpec);
      checkIndexedHostname(errors, object);
      if (old === undefined) return errors;
      // Kubernetes looks at the spec of an update twice, and tells twice what it finds.
      errors.push(...ofSpec);
      checkJobUpdate(errors, spec, old);
      return errors;
    },

    warnings({ metadata, spec }, old) {
      if (old !== undefined && old.metadata.generation === metadata.generation) return [];
      return [...(old === undefined ? longNameWarnings(metadata.name) : []), ...jobWarnings(spec, 'spec')];
    },

    status: { validate: checkJobStatus },
  },

  columns: {
    cells: (object, now) => [
      object.metadata.name,
      stateOf(object),
      completionsOf(object),
      durationOf(object, now),
      ageOf(object, now),
      containerNames(object.spec.template?.spec),
      containerImages(object.spec.template?.spec),
      labelSelectorText(object.spec.selector) || '<none>',
    ],
  },

  selectableFields: { 'status.successful': ({ status }) => String(status?.succeeded ?? 0) },
};

/** What the spec of a job gets, whether it stands in a Job or in a CronJob. */
export function jobSpecDefaults(spec: JobSpec): void {
  podTemplateDefaults((spec.template ??= emptyTemplate()));
  if (spec.podFailurePolicy !== undefined) conditionDefaults(spec.podFailurePolicy);
}

function conditionDefaults({ rules }: PodFailurePolicy): void {
  for (const { onPodConditions } of rules ?? []) for (const pattern of onPodConditions ?? []) pattern.status ||= 'True';
}

/** A job without labels has those of its pods: the same ones, so that it gets those too that are made for them. */
function takeLabels({ metadata, spec }: Job): void {
  const labels = spec.template.metadata?.labels;
  if (labels !== undefined && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = labels;
}

function stateOf({ metadata, status }: Readonly<Job>): string {
  for (const type of ['Complete', 'Failed']) if (isTrue(status, type)) return type;
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  for (const type of ['Suspended', 'FailureTarget', 'SuccessCriteriaMet']) if (isTrue(status, type)) return type;
  return 'Running';
}

function completionsOf({ spec, status }: Readonly<Job>): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function durationOf({ status }: Readonly<Job>, now: number): string {
  if (status?.startTime === undefined) return '';
  const end = status.completionTime === undefined ? now : Date.parse(status.completionTime);
  return humanDuration(end - Date.parse(status.startTime));
}
