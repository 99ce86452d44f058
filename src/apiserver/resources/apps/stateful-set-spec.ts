import type { StatefulSetSpec } from '../../../api/apps/v1/types.ts';
import type { PodTemplateSpec, Volume } from '../../../api/core/v1/types.ts';
import { semanticEqual } from '../../../apimachinery/equality.ts';
import { validateAnnotations } from '../../../apimachinery/object-meta.ts';
import { forbidden, invalid, notSupported } from '../../../apimachinery/validation.ts';
import { checkDnsLabel, checkLabels, checkNonNegative, type Errors } from '../checks.ts';
import { checkClaimSpec } from '../core/persistent-volume-claim/spec.ts';
import { checkPodAnnotations } from '../core/pod-spec/annotations.ts';
import { checkPodTemplate } from '../core/pod-spec/template.ts';
import { checkEndless, checkSelector, checkTemplateIsSelected } from '../core/replication.ts';
import { isUsableSelector, quotedSelector } from '../label-selector.ts';
import { checkPercentLimit, checkShare, shareNumber } from './shares.ts';

/** What is not looked at in an update. */
interface Tolerance {
  /** What cannot be changed any more: the name of the Service, the templates of claims. */
  readonly fixedFields: boolean;
  readonly template: boolean;
}

export function checkStatefulSetSpec(errors: Errors, spec: StatefulSetSpec): void {
  checkSpec(errors, spec, { fixedFields: false, template: false });
}

const mayChange = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const;

/** Pods of a set that was stored with faults are not checked again: it must stay possible to repair it. */
export function checkStatefulSetUpdate(errors: Errors, spec: StatefulSetSpec, old: StatefulSetSpec): void {
  const found: Errors = [];
  checkSpec(found, spec, { fixedFields: true, template: false });
  if (found.length > 0) {
    const before: Errors = [];
    checkSpec(before, old, { fixedFields: true, template: false });
    if (before.length > 0) {
      found.length = 0;
      checkSpec(found, spec, { fixedFields: true, template: true });
    }
  }
  errors.push(...found);
  const unchanged: Record<string, unknown> = { ...spec };
  for (const name of mayChange) unchanged[name] = old[name];
  if (!semanticEqual(unchanged, old))
    errors.push(
      forbidden(
        'spec',
        `updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden`,
      ),
    );
}

const policies = ['OrderedReady', 'Parallel'];
const retentions = ['Retain', 'Delete'];

function checkSpec(errors: Errors, spec: StatefulSetSpec, skip: Tolerance): void {
  const { podManagementPolicy = '', persistentVolumeClaimRetentionPolicy: retention } = spec;
  if (!policies.includes(podManagementPolicy))
    errors.push(invalid('spec.podManagementPolicy', podManagementPolicy, "must be 'OrderedReady' or 'Parallel'"));
  checkStrategy(errors, spec.updateStrategy ?? {});
  for (const when of ['whenDeleted', 'whenScaled'] as const) {
    const policy = retention?.[when] ?? '';
    if (retention !== undefined && !retentions.includes(policy))
      errors.push(notSupported(`spec.persistentVolumeClaimRetentionPolicy.${when}`, policy, retentions));
  }
  if (!skip.fixedFields)
    spec.volumeClaimTemplates?.forEach((claim, i) =>
      checkClaimSpec(errors, claim.spec, `spec.volumeClaimTemplates[${i}].spec`),
    );
  checkNonNegative(errors, 'spec.replicas', spec.replicas);
  checkNonNegative(errors, 'spec.minReadySeconds', spec.minReadySeconds);
  checkNonNegative(errors, 'spec.ordinals.start', spec.ordinals?.start);
  if (!skip.fixedFields && spec.serviceName) checkDnsLabel(errors, 'spec.serviceName', spec.serviceName);
  checkSelector(errors, spec, 'spec', 'statefulset');
  checkTemplate(errors, spec, skip);
  checkEndless(errors, spec.template, 'spec.template', 'StatefulSet');
}

function checkStrategy(errors: Errors, strategy: NonNullable<StatefulSetSpec['updateStrategy']>): void {
  const { type, rollingUpdate } = strategy;
  const field = 'spec.updateStrategy.rollingUpdate';
  if (type === 'OnDelete') {
    if (rollingUpdate !== undefined)
      errors.push(invalid(field, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'"));
  } else if (type !== 'RollingUpdate')
    errors.push(invalid('spec.updateStrategy', strategy, "must be 'RollingUpdate' or 'OnDelete'"));
  else if (rollingUpdate !== undefined) {
    checkNonNegative(errors, `${field}.partition`, rollingUpdate.partition);
    const { maxUnavailable } = rollingUpdate;
    if (maxUnavailable === undefined) return;
    checkShare(errors, maxUnavailable, `${field}.maxUnavailable`);
    if (shareNumber(maxUnavailable) === 0)
      errors.push(invalid(`${field}.maxUnavailable`, maxUnavailable, 'cannot be 0'));
    checkPercentLimit(errors, maxUnavailable, `${field}.maxUnavailable`);
  }
}

/** The template of the pods as they will be; Kubernetes tells what is wrong with its metadata twice. */
function checkTemplate(errors: Errors, spec: StatefulSetSpec, skip: Tolerance): void {
  const selector: StatefulSetSpec['selector'] | null | undefined = spec.selector;
  if (selector && !isUsableSelector(selector)) {
    errors.push(invalid('spec.selector', quotedSelector(selector), ''));
    return;
  }
  const field = 'spec.template';
  const template = podsToBe(spec);
  checkTemplateIsSelected(errors, selector, template, field);
  if (!skip.template) checkPodTemplate(errors, template, field);
  const { labels, annotations } = template.metadata ?? {};
  checkLabels(errors, `${field}.labels`, labels);
  if (annotations === undefined) return;
  errors.push(...validateAnnotations(annotations, `${field}.annotations`));
  checkPodAnnotations(errors, template.metadata!, template.spec, `${field}.annotations`);
}

/** With a volume for each claim, and without what the controller sets for each pod. */
function podsToBe({ template, volumeClaimTemplates = [] }: StatefulSetSpec): PodTemplateSpec {
  const { hostname: _hostname, subdomain: _subdomain, ...pod } = template.spec;
  if (volumeClaimTemplates.length === 0) return { ...template, spec: pod };
  const claims = new Map(
    volumeClaimTemplates.map(({ metadata }) => [metadata?.name ?? '', claimVolume(metadata?.name)]),
  );
  const others = (pod.volumes ?? []).filter(({ name }) => !claims.has(name));
  return { ...template, spec: { ...pod, volumes: [...claims.values(), ...others] } };
}

function claimVolume(name = ''): Volume {
  return { name, persistentVolumeClaim: { claimName: name } };
}
