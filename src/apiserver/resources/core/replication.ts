import type { PodSpec, PodTemplateSpec } from '../../../api/core/v1/types.ts';
import type { LabelSelector } from '../../../api/meta/v1/types.ts';
import { semanticEqual } from '../../../apimachinery/equality.ts';
import { dnsLabel } from '../../../apimachinery/names.ts';
import type { KubeObject } from '../../../apimachinery/object.ts';
import { labelSelectorOf } from '../../../apimachinery/selectors/label-selector.ts';
import { forbidden, invalid, notSupported, required } from '../../../apimachinery/validation.ts';
import { ageOf, containerImages, containerNames } from '../../rest/cells.ts';
import type { ScaleView } from '../../rest/resource.ts';
import type { StatusStrategy } from '../../rest/strategy.ts';
import { checkNonNegative, immutableField, type Errors } from '../checks.ts';
import { checkLabelSelector, isEmptySelector, isUsableSelector, quotedSelector } from '../label-selector.ts';
import { checkPodTemplate } from './pod-spec/template.ts';
import { podWarnings } from './pod-spec/warnings.ts';

/** Rules that all kinds share which keep a number of like pods. */
interface Replicated {
  /** Null where the client left it out. */
  readonly selector?: LabelSelector | null;
  readonly template: PodTemplateSpec;
}

/** The selector must be there, say something, and pick the pods of the template. `kind` is what errors call it. */
export function checkSelector(errors: Errors, spec: Replicated, path: string, kind: string): void {
  const { selector } = spec;
  const field = `${path}.selector`;
  if (!selector) {
    errors.push(required(field));
    return;
  }
  checkLabelSelector(errors, selector, field);
  if (isEmptySelector(selector)) errors.push(invalid(field, {}, `empty selector is invalid for ${kind}`));
}

export function checkTemplate(errors: Errors, { selector, template }: Replicated, path: string): void {
  if (selector && !isUsableSelector(selector)) {
    errors.push(invalid(`${path}.selector`, quotedSelector(selector), 'invalid label selector'));
    return;
  }
  const field = `${path}.template`;
  checkTemplateIsSelected(errors, selector, template, field);
  checkPodTemplate(errors, template, field);
  checkEndless(errors, template, field, 'ReplicaSet');
}

/** Pods that are replaced when they end must not be made to end. `kind` is what errors call their owner. */
export function checkEndless(errors: Errors, { spec }: PodTemplateSpec, field: string, kind: string): void {
  const { restartPolicy = '', activeDeadlineSeconds } = spec;
  if (restartPolicy !== 'Always') errors.push(notSupported(`${field}.spec.restartPolicy`, restartPolicy, ['Always']));
  if (activeDeadlineSeconds !== undefined)
    errors.push(forbidden(`${field}.spec.activeDeadlineSeconds`, `activeDeadlineSeconds in ${kind} is not Supported`));
}

/** A selector that is missing matches nothing, one that is empty is not looked at. */
export function checkTemplateIsSelected(
  errors: Errors,
  selector: LabelSelector | undefined | null,
  { metadata }: PodTemplateSpec,
  field: string,
): void {
  if (selector && isEmptySelector(selector)) return;
  const labels = metadata?.labels;
  if (selector && labelSelectorOf(selector).matches(labels ?? {})) return;
  errors.push(invalid(`${field}.metadata.labels`, labels ?? null, '`selector` does not match template `labels`'));
}

const counts = ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'] as const;

export type ReplicaCounts = Partial<
  Record<(typeof counts)[number] | 'observedGeneration' | 'terminatingReplicas', number>
>;

/** What ReplicaSets and ReplicationControllers report must add up. */
function checkReplicaStatus(errors: Errors, status: ReplicaCounts): void {
  for (const name of counts) checkNonNegative(errors, `status.${name}`, status[name]);
  checkNonNegative(errors, 'status.observedGeneration', status.observedGeneration);
  checkNonNegative(errors, 'status.terminatingReplicas', status.terminatingReplicas);
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  for (const name of counts.slice(1)) {
    const count = status[name] ?? 0;
    if (count > replicas) errors.push(invalid(`status.${name}`, count, 'cannot be greater than status.replicas'));
  }
  if (availableReplicas > readyReplicas)
    errors.push(invalid('status.availableReplicas', availableReplicas, 'cannot be greater than readyReplicas'));
}

/** Pods are named after what makes them. */
export function longNameWarnings(name: string): string[] {
  const problems = dnsLabel(name);
  if (problems.length === 0) return [];
  const doubt = 'this is used in Pod names and hostnames, which can result in surprising behavior';
  return [`metadata.name: ${doubt}; a DNS label is recommended: [${problems.join(' ')}]`];
}

/** An object without a spec is one with nothing in it, and is refused for what is missing. */
export function emptyTemplate(): PodTemplateSpec {
  return { metadata: {}, spec: {} as PodSpec };
}

/** What these kinds have in common. */
interface Replicating extends KubeObject {
  spec: { replicas?: number; template?: PodTemplateSpec };
  status?: ReplicaCounts;
}

/** Warnings about the name, when it is new, and about the pods to be, when anything but metadata and status has changed. */
export function replicationWarnings(
  { metadata, spec: { template } }: Readonly<Replicating>,
  old: Readonly<Replicating> | undefined,
): string[] {
  if (old !== undefined && old.metadata.generation === metadata.generation) return [];
  return [
    ...(old === undefined ? longNameWarnings(metadata.name) : []),
    ...(template === undefined ? [] : podWarnings(template.metadata ?? {}, template.spec, 'spec.template')),
  ];
}

export function checkSameSelector(
  errors: Errors,
  { selector }: { readonly selector?: LabelSelector | null },
  old: { readonly spec: { readonly selector?: LabelSelector | null } } | undefined,
): void {
  if (old !== undefined && !semanticEqual(selector, old.spec.selector))
    errors.push(invalid('spec.selector', selector ? quotedSelector(selector) : null, immutableField));
}

/** The status of ReplicaSets and ReplicationControllers. */
export const replicaStatus: StatusStrategy<Replicating> = {
  validate({ status }) {
    const errors: Errors = [];
    checkReplicaStatus(errors, status ?? {});
    return errors;
  },
};

/** Their cells; `selector` is the last one. */
export function replicaCells({ metadata, spec, status }: Readonly<Replicating>, now: number, selector: string) {
  return [
    metadata.name,
    spec.replicas ?? 0,
    status?.replicas ?? 0,
    status?.readyReplicas ?? 0,
    ageOf({ metadata }, now),
    containerNames(spec.template?.spec),
    containerImages(spec.template?.spec),
    selector,
  ];
}

/** The scale subresource; `selector` is the text of the kind's selector. */
export function replicaScale<T extends Replicating>(selector: (object: Readonly<T>) => string): ScaleView<T> {
  return {
    replicas: ({ spec }) => spec.replicas ?? 0,
    setReplicas(draft, replicas) {
      draft.spec.replicas = replicas;
    },
    statusReplicas: ({ status }) => status?.replicas ?? 0,
    selector,
  };
}
