import { Namespaces, Pods, type Namespace, type Pod, type PodTemplateSpec } from '../../../api/core/v1/types.ts';
import { jsonEqual } from '../../../apimachinery/equality.ts';
import { controllerOf, type KubeObject } from '../../../apimachinery/object.ts';
import { groupResourceOf } from '../../../apimachinery/resource-type.ts';
import { refused } from '../../../apimachinery/status.ts';
import type { ServerContext } from '../../context.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import { isFor, notAdmitted } from '../refusal.ts';
import { violationsOf, violationsText } from './evaluate.ts';
import {
  demandText,
  everythingAllowed,
  isLabelled,
  isSaid,
  modes,
  policyOf,
  sameDemand,
  strictness,
  type Demand,
  type Policy,
} from './policy.ts';
import { containersOf, type PodLike, type Violation } from './violations.ts';

/** What is demanded where a namespace's labels say nothing, and who need not care. */
export interface PodSecuritySettings {
  readonly defaults?: Policy;
  readonly exemptNamespaces?: readonly string[];
  readonly exemptUsers?: readonly string[];
  readonly exemptRuntimeClasses?: readonly string[];
}

/** Pods of a namespace that are looked at when it demands more than before. */
const mostPods = 3000;
const auditPrefix = 'pod-security.kubernetes.io/';

/** Holds pods to the level that the labels of their namespace demand ("Pod Security Standards"). */
export const podSecurity: AdmissionPlugin = {
  name: 'PodSecurity',
  validate(request, context) {
    const { operation, type } = request;
    if (operation !== 'CREATE' && operation !== 'UPDATE') return;
    if (isFor(request, '/namespaces')) return checkNamespace(request, context);
    if (type.group === '' && type.resource === 'pods') return checkPod(request, context);
    const template = request.subresource === undefined && templates[groupResourceOf(type)];
    if (template) checkTemplate(request, context, template(request.object as Workload));
  },
};

const ownTemplate = ({ spec }: { spec?: { template?: PodTemplateSpec } }) => spec?.template;

interface Templated {
  readonly template?: PodTemplateSpec;
}

/** Where kinds that make pods have the template of them. */
type Workload = KubeObject &
  Templated & { readonly spec?: Templated & { readonly jobTemplate?: { readonly spec?: Templated } } };

/** Where kinds have the template of the pods that are made for them. */
const templates: Readonly<Record<string, (object: Workload) => PodTemplateSpec | undefined>> = {
  replicationcontrollers: ownTemplate,
  podtemplates: ({ template }) => template,
  'replicasets.apps': ownTemplate,
  'deployments.apps': ownTemplate,
  'statefulsets.apps': ownTemplate,
  'daemonsets.apps': ownTemplate,
  'jobs.batch': ownTemplate,
  'cronjobs.batch': ({ spec }) => spec?.jobTemplate?.spec?.template,
};

const otherKinds = new Set(['exec', 'attach', 'binding', 'eviction', 'log', 'portforward', 'proxy', 'status']);

function checkPod(request: AdmissionRequest, context: ServerContext): void {
  const { subresource, object, old } = request;
  if (subresource !== undefined && otherKinds.has(subresource)) return;
  if (isExempt(request, context)) return;
  const { policy, errors } = policyFor(request, context);
  if (errors.length === 0 && isFullyPrivileged(policy)) return;
  const pod = object as Pod;
  if (old !== undefined && !runsOtherImages(pod, old as Pod)) return;
  evaluate(request, context, policy, podLike(pod), true);
}

/** Who makes pods of a template is warned at once; the pods themselves are refused. */
function checkTemplate(request: AdmissionRequest, context: ServerContext, template: PodTemplateSpec | undefined): void {
  if (template?.spec === undefined || isExempt(request, context)) return;
  const { policy, errors } = policyFor(request, context);
  if (errors.length === 0 && policy.warn.level === 'privileged' && policy.audit.level === 'privileged') return;
  evaluate(request, context, policy, podLike(template), false);
}

function podLike({ metadata, spec }: { metadata?: { annotations?: Record<string, string> }; spec?: unknown }): PodLike {
  return { annotations: metadata?.annotations ?? {}, spec: spec as PodLike['spec'] };
}

function policyFor({ namespace }: AdmissionRequest, context: ServerContext): ReturnType<typeof policyOf> {
  const defaults = settingsOf(context).defaults ?? everythingAllowed;
  const labels = context.labelsOf(Namespaces, { name: namespace ?? '' });
  return isLabelled(labels) ? policyOf(labels, defaults) : { policy: defaults, errors: [] };
}

function settingsOf({ config }: ServerContext): PodSecuritySettings {
  return config.podSecurity ?? {};
}

function isExempt(request: AdmissionRequest, context: ServerContext): boolean {
  const { exemptNamespaces, exemptUsers } = settingsOf(context);
  const why = exemptNamespaces?.includes(request.namespace ?? '')
    ? 'namespace'
    : exemptUsers?.includes(request.user.name)
      ? 'user'
      : undefined;
  if (why !== undefined) request.annotate(`${auditPrefix}exempt`, why);
  return why !== undefined;
}

function isFullyPrivileged(policy: Policy): boolean {
  return modes.every((mode) => policy[mode].level === 'privileged');
}

function evaluate(
  request: AdmissionRequest,
  context: ServerContext,
  policy: Policy,
  pod: PodLike,
  enforces: boolean,
): void {
  if (settingsOf(context).exemptRuntimeClasses?.includes(pod.spec.runtimeClassName ?? '')) {
    request.annotate(`${auditPrefix}exempt`, 'runtimeClass');
    return;
  }
  const found: [Demand, Violation[]][] = [];
  const violations = (demand: Demand): Violation[] => {
    const known = found.find(([one]) => sameDemand(one, demand))?.[1] ?? violationsOf(pod, demand);
    found.push([demand, known]);
    return known;
  };
  const told = (demand: Demand, all: readonly Violation[]): string =>
    `PodSecurity "${demandText(demand)}": ${violationsText(all)}`;
  const { enforce, audit, warn } = policy;
  if (enforces) request.annotate(`${auditPrefix}enforce-policy`, demandText(enforce));
  const recorded = violations(audit);
  if (recorded.length > 0) request.annotate(`${auditPrefix}audit-violations`, `would violate ${told(audit, recorded)}`);
  const refusing = enforces ? violations(enforce) : [];
  if (refusing.length > 0) throw notAdmitted(request, `violates ${told(enforce, refusing)}`);
  const warning = violations(warn);
  if (warning.length > 0) request.warn(`would violate ${told(warn, warning)}`);
}

/** All else of the spec stays as it was admitted. */
function runsOtherImages({ spec }: Readonly<Pod>, { spec: old }: Readonly<Pod>): boolean {
  const imagesOf = (all: Pod['spec']): readonly (readonly [string, string | undefined])[] =>
    containersOf(all).map(({ name, image }) => [name, image]);
  return !jsonEqual(imagesOf(spec), imagesOf(old));
}

function checkNamespace(request: AdmissionRequest, context: ServerContext): void {
  const { name, labels } = request.object!.metadata;
  const before = request.old?.metadata.labels;
  if (!isLabelled(labels) && !isLabelled(before)) return;
  const defaults = settingsOf(context).defaults ?? everythingAllowed;
  const { policy, errors } = policyOf(labels, defaults);
  const old = request.old && policyOf((request.old as Namespace).metadata.labels, defaults);
  if (errors.length > 0 && !jsonEqual(errors, old?.errors)) throw refused.invalid(Namespaces, name, errors);
  const { enforce } = policy;
  if (old !== undefined) {
    const { enforce: last } = old.policy;
    if (sameDemand(enforce, last) || enforce.level === 'privileged') return;
    if (enforce.minor === last.minor && strictness(enforce.level) <= strictness(last.level)) return;
  }
  if (settingsOf(context).exemptNamespaces?.includes(name)) return warnOfExemption(request, policy, defaults);
  if (old !== undefined) for (const text of warningsAbout(name, enforce, context)) request.warn(text);
}

function warnOfExemption({ object, warn }: AdmissionRequest, policy: Policy, defaults: Policy): void {
  const isSame = modes.every(
    (mode) =>
      sameDemand(policy[mode], defaults[mode]) ||
      (policy[mode].level === 'privileged' && defaults[mode].level === 'privileged'),
  );
  if (isSame || isFullyPrivileged(policy)) return;
  const { name, labels } = object!.metadata;
  const said = modes.filter((mode) => policy[mode].level !== 'privileged' && isSaid(labels, mode));
  const shown = said.map((mode) => `${mode}=${demandText(policy[mode])}`).join(', ');
  warn(`namespace ${JSON.stringify(name)} is exempt from Pod Security, and the policy (${shown}) will be ignored`);
}

/** Which pods that are there break the new demand: one of each kind of violation by name, the others by number. */
function warningsAbout(namespace: string, demand: Demand, context: ServerContext): string[] {
  const exempt = settingsOf(context).exemptRuntimeClasses ?? [];
  const all = context.scan(Pods, namespace).filter(({ spec }) => !exempt.includes(spec.runtimeClassName ?? ''));
  const pods = oneOfEachFirst(all);
  const checked = pods.slice(0, mostPods);
  const names = new Map<string, string[]>();
  for (const pod of checked) {
    const reasons = violationsOf(podLike(pod), demand).map(({ reason }) => reason);
    if (reasons.length === 0) continue;
    const reason = reasons.join(', ');
    names.set(reason, [...(names.get(reason) ?? []), pod.metadata.name]);
  }
  const warnings: string[] = [];
  if (checked.length < pods.length)
    warnings.push(
      `new PodSecurity enforce level only checked against the first ${checked.length} of ${pods.length} existing pods`,
    );
  if (names.size > 0)
    warnings.push(
      `existing pods in namespace ${JSON.stringify(namespace)} violate the new PodSecurity enforce level "${demandText(demand)}"`,
    );
  return [...warnings, ...[...names].map(([reason, of]) => `${withOthers(of)}: ${reason}`).sort()];
}

function withOthers(names: readonly string[]): string {
  const [first] = [...names].sort();
  const others = names.length - 1;
  if (others === 0) return first!;
  return `${first} (and ${others} other ${others === 1 ? 'pod' : 'pods'})`;
}

/** Pods of one owner are alike: the others come last. */
function oneOfEachFirst<T extends KubeObject>(pods: readonly T[]): T[] {
  const seen = new Set<string>();
  const isFirst = (pod: T): boolean => {
    const owner = controllerOf(pod)?.uid;
    if (owner === undefined) return true;
    if (seen.has(owner)) return false;
    seen.add(owner);
    return true;
  };
  const { first = [], others = [] } = Object.groupBy(pods, (pod) => (isFirst(pod) ? 'first' : 'others'));
  return [...first, ...others];
}
