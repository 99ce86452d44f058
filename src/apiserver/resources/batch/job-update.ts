import type { Job, JobSpec } from '../../../api/batch/v1/types.ts';
import type { Affinity, Container, PodSpec, PodTemplateSpec } from '../../../api/core/v1/types.ts';
import { semanticEqual } from '../../../apimachinery/equality.ts';
import { invalid } from '../../../apimachinery/validation.ts';
import { immutableField, type Errors } from '../checks.ts';
import { innerPodSpec, innerTemplate } from '../core/pod/difference.ts';
import { quotedSelector } from '../label-selector.ts';
import { innerFailurePolicy, innerSuccessPolicy } from './inner-policies.ts';
import { isTrue } from './job-status.ts';

/** What of a job's spec must stay as it was. */
export function checkJobUpdate(errors: Errors, spec: Readonly<JobSpec>, old: Readonly<Job>): void {
  const checkSame = (name: keyof JobSpec, shown: unknown): void => {
    if (!semanticEqual(spec[name], old.spec[name])) errors.push(invalid(`spec.${name}`, shown ?? null, immutableField));
  };
  checkCompletions(errors, spec, old.spec);
  checkSame('selector', spec.selector && quotedSelector(spec.selector));
  checkTemplateUpdate(errors, spec.template, old);
  checkSame('completionMode', spec.completionMode);
  checkSame('podFailurePolicy', spec.podFailurePolicy && innerFailurePolicy(spec.podFailurePolicy));
  checkSame('backoffLimitPerIndex', spec.backoffLimitPerIndex);
  checkSame('managedBy', spec.managedBy);
  checkSame('successPolicy', spec.successPolicy && innerSuccessPolicy(spec.successPolicy));
}

/** Indexed jobs grow and shrink, as long as each index has its pod at once. */
function checkCompletions(errors: Errors, spec: Readonly<JobSpec>, old: Readonly<JobSpec>): void {
  const { completions, parallelism } = spec;
  if (completions === old.completions) return;
  if (spec.completionMode !== 'Indexed') errors.push(invalid('spec.completions', completions ?? null, immutableField));
  else if (completions !== undefined && completions !== parallelism)
    errors.push(invalid('spec.completions', completions, 'can only be modified in tandem with spec.parallelism'));
}

/**
 * The template of a suspended job without pods may change in where its pods are to run, in their labels and annotations
 * and in the resources of their containers; any other may not change.
 */
function checkTemplateUpdate(errors: Errors, template: PodTemplateSpec, { spec, status }: Readonly<Job>): void {
  const rests =
    spec.suspend === true &&
    (status?.startTime === undefined || isTrue(status, 'Suspended')) &&
    (status?.active ?? 0) === 0;
  if (rests) {
    if (!semanticEqual(template.spec, withWhatMayChange(spec.template.spec, template.spec)))
      errors.push(invalid('spec.template.spec', innerPodSpec(template.spec), immutableField));
  } else if (!semanticEqual(template, spec.template))
    errors.push(invalid('spec.template', innerTemplate(template), immutableField));
}

/** The old spec with all of the new one that may differ. */
function withWhatMayChange(old: PodSpec, wanted: PodSpec): PodSpec {
  const { nodeSelector, tolerations, schedulingGates, containers, initContainers } = wanted;
  return {
    ...old,
    nodeSelector,
    tolerations,
    schedulingGates,
    affinity: mergedAffinity(old.affinity, wanted.affinity),
    containers: withResources(old.containers, containers)!,
    initContainers: withResources(old.initContainers, initContainers),
  };
}

/** Only the affinity to nodes may change, and with nothing beside it the whole may come and go. */
function mergedAffinity(old: Affinity | undefined, wanted: Affinity | undefined): Affinity | undefined {
  const { nodeAffinity: _, ...rest } = old ?? {};
  if (wanted !== undefined) return { ...rest, nodeAffinity: wanted.nodeAffinity };
  return Object.keys(rest).length === 0 ? undefined : rest;
}

function withResources(
  old: readonly Container[] | undefined,
  wanted: readonly Container[] | undefined,
): Container[] | undefined {
  if (old === undefined || wanted?.length !== old.length) return old as Container[] | undefined;
  return old.map((container, at) => {
    const { name, resources } = wanted[at]!;
    return container.name === name ? { ...container, resources } : container;
  });
}
