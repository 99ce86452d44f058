import type { Container, NodeAffinity, Pod, PodSpec, Toleration } from '../../../../api/core/v1/types.ts';
import { cloneJson } from '../../../../apimachinery/clone.ts';
import { semanticEqual } from '../../../../apimachinery/equality.ts';
import { rangeComplaint } from '../../../../apimachinery/names.ts';
import { forbidden, invalid, required } from '../../../../apimachinery/validation.ts';
import type { Errors } from '../../checks.ts';
import { checkAnnotationUpdates, checkPodAnnotations } from '../pod-spec/annotations.ts';
import { checkImageIsTrimmed } from '../pod-spec/containers.ts';
import { checkTolerations } from '../pod-spec/tolerations.ts';
import { podSpecDifference } from './difference.ts';
import { checkPod } from './validate.ts';

const changeable = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
];
const mostSeconds = 2 ** 31 - 1;

/** Little of a pod may change once it is there. */
export function checkPodUpdate(errors: Errors, pod: Readonly<Pod>, old: Readonly<Pod>): void {
  const { spec } = pod;
  if (spec === old.spec) {
    checkUnchangedSpec(errors, pod, old);
    return;
  }
  checkPod(errors, pod);
  checkAnnotationUpdates(errors, pod.metadata, old.metadata, 'metadata.annotations');
  checkPodAnnotations(errors, pod.metadata, spec, 'metadata.annotations');
  if (!checkContainerUpdates(errors, spec.containers, old.spec.containers, 'spec.containers')) return;
  if (!checkContainerUpdates(errors, spec.initContainers, old.spec.initContainers, 'spec.initContainers')) return;
  if (!checkDeadline(errors, spec.activeDeadlineSeconds, old.spec.activeDeadlineSeconds)) return;
  checkTolerationsKept(errors, spec.tolerations ?? [], old.spec.tolerations ?? []);
  checkGatesOnlyGo(errors, spec, old.spec);
  if (semanticEqual(spec, old.spec)) return;
  const rest = withoutChangeable(errors, spec, old.spec);
  if (semanticEqual(rest, old.spec)) return;
  const difference = podSpecDifference(old.spec, rest);
  errors.push(forbidden('spec', `pod updates may not change fields other than ${changeable.join(',')}\n${difference}`));
}

/** What depends on metadata is checked, and told, as often as for a spec that has changed. */
function checkUnchangedSpec(errors: Errors, { metadata, spec }: Readonly<Pod>, old: Readonly<Pod>): void {
  checkPodAnnotations(errors, metadata, spec, 'metadata.annotations');
  checkAnnotationUpdates(errors, metadata, old.metadata, 'metadata.annotations');
  checkPodAnnotations(errors, metadata, spec, 'metadata.annotations');
}

/** Whether the rest is worth looking at. */
function checkContainerUpdates(
  errors: Errors,
  containers: readonly Container[] = [],
  old: readonly Container[] = [],
  field: string,
): boolean {
  if (containers.length !== old.length) {
    errors.push(forbidden(field, 'pod updates may not add or remove containers'));
    return false;
  }
  containers.forEach(({ image }, i) => {
    if (!image) errors.push(required(`${field}[${i}].image`));
    checkImageIsTrimmed(errors, image, `${field}[${i}].image`);
  });
  return true;
}

/** A deadline may be set, and come nearer. */
function checkDeadline(errors: Errors, seconds: number | undefined, old: number | undefined): boolean {
  const field = 'spec.activeDeadlineSeconds';
  if (seconds === undefined) {
    if (old !== undefined) errors.push(invalid(field, null, 'must not update from a positive integer to nil value'));
    return true;
  }
  const isInRange = seconds >= 0 && seconds <= mostSeconds;
  if (isInRange && (old === undefined || old >= seconds)) return true;
  const problem = isInRange ? 'must be less than or equal to previous value' : rangeComplaint(0, mostSeconds);
  errors.push(invalid(field, seconds, problem));
  return false;
}

function checkTolerationsKept(errors: Errors, tolerations: readonly Toleration[], old: readonly Toleration[]): void {
  const withoutSeconds = ({ tolerationSeconds: _, ...rest }: Toleration) => rest;
  const kept = old.every((one) =>
    tolerations.some((other) => semanticEqual(withoutSeconds(one), withoutSeconds(other))),
  );
  if (!kept)
    errors.push(forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds'));
  else checkTolerations(errors, tolerations, 'spec.tolerations');
}

function checkGatesOnlyGo(
  errors: Errors,
  { schedulingGates = [] }: PodSpec,
  { schedulingGates: old = [] }: PodSpec,
): void {
  const added = new Map(schedulingGates.map(({ name }, i) => [name, i]));
  for (const { name } of old) added.delete(name);
  for (const [name, i] of added)
    errors.push(
      forbidden(`spec.schedulingGates[${i}].name`, `only deletion is allowed, but found new scheduling gate '${name}'`),
    );
}

/** A copy of the spec in which all that may change, or was complained about already, is as it was. */
function withoutChangeable(errors: Errors, spec: Readonly<PodSpec>, old: Readonly<PodSpec>): PodSpec {
  const rest = cloneJson(spec) as PodSpec;
  const keep = (name: keyof PodSpec) => {
    if (old[name] === undefined) delete rest[name];
    else (rest as unknown as Record<string, unknown>)[name] = old[name];
  };
  rest.containers.forEach((container, i) => (container.image = old.containers[i]!.image!));
  rest.initContainers?.forEach((container, i) => (container.image = old.initContainers![i]!.image!));
  keep('activeDeadlineSeconds');
  keep('tolerations');
  keep('schedulingGates');
  if ((old.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1)
    keep('terminationGracePeriodSeconds');
  if (old.schedulingGates?.length) narrowed(errors, rest, old, keep);
  return rest;
}

/** While a pod is not yet to be scheduled, its choice of nodes may be narrowed. */
function narrowed(errors: Errors, rest: PodSpec, old: Readonly<PodSpec>, keep: (name: keyof PodSpec) => void): void {
  if (!semanticEqual(rest.nodeSelector, old.nodeSelector)) {
    const selector = rest.nodeSelector ?? {};
    const onlyAdds = Object.entries(old.nodeSelector ?? {}).every(([key, value]) => selector[key] === value);
    if (!onlyAdds)
      errors.push(
        invalid(
          'spec.nodeSelector',
          rest.nodeSelector ?? null,
          'only additions to spec.nodeSelector are allowed (no mutations or deletions)',
        ),
      );
    keep('nodeSelector');
  }
  const affinity = rest.affinity?.nodeAffinity;
  const oldAffinity = old.affinity?.nodeAffinity;
  if (semanticEqual(affinity, oldAffinity)) return;
  checkTermsOnlyGrow(errors, affinity, oldAffinity);
  const { nodeAffinity: _, ...others } = rest.affinity ?? {};
  rest.affinity = oldAffinity === undefined ? others : { ...others, nodeAffinity: oldAffinity };
  if (old.affinity === undefined && Object.keys(rest.affinity).length === 0) delete rest.affinity;
}

function checkTermsOnlyGrow(errors: Errors, affinity: NodeAffinity | undefined, old: NodeAffinity | undefined): void {
  const oldTerms = old?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const terms = affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const field = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms';
  if (oldTerms.length === 0) return;
  if (oldTerms.length !== terms.length) {
    errors.push(invalid(field, terms, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed'));
    return;
  }
  oldTerms.forEach((oldTerm, i) => {
    const term = terms[i]!;
    const wasEmpty = !oldTerm.matchExpressions?.length && !oldTerm.matchFields?.length;
    const isEmpty = !term.matchExpressions?.length && !term.matchFields?.length;
    const grew = (['matchExpressions', 'matchFields'] as const).every((name) => {
      const before = oldTerm[name] ?? [];
      return semanticEqual((term[name] ?? []).slice(0, before.length), before);
    });
    if (!grew || (wasEmpty && !isEmpty))
      errors.push(invalid(`${field}[${i}]`, term, 'only additions are allowed (no mutations or deletions)'));
  });
}
