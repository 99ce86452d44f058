import type { MutatingWebhook, ValidatingWebhook } from '../../../api/admissionregistration/v1/types.ts';
import { jsonEqual } from '../../../apimachinery/equality.ts';
import { dns1035Label, dnsSubdomain } from '../../../apimachinery/names.ts';
import { duplicate, invalid, notSupported, required } from '../../../apimachinery/validation.ts';
import { complain, type Errors } from '../checks.ts';
import { checkLabelSelector } from '../label-selector.ts';
import { checkClientConfig } from './client-config.ts';
import { wholeOf } from '../../../base/in-steps.ts';
import { checkMatchConditions } from './match-conditions.ts';
import { checkRule } from './rules.ts';

export type Webhook = ValidatingWebhook & Pick<MutatingWebhook, 'reinvocationPolicy'>;

const failurePolicies = ['Fail', 'Ignore'];
const matchPolicies = ['Equivalent', 'Exact'];
const noSideEffects = ['None', 'NoneOnDryRun'];
const anySideEffects = ['None', 'NoneOnDryRun', 'Some', 'Unknown'];
const reinvocationPolicies = ['IfNeeded', 'Never'];
/** Of AdmissionReview, newest first. */
export const reviewVersions: readonly string[] = ['v1', 'v1beta1'];

export function fillWebhook(webhook: Webhook): void {
  webhook.failurePolicy ??= 'Fail';
  webhook.matchPolicy ??= 'Equivalent';
  webhook.namespaceSelector ??= {};
  webhook.objectSelector ??= {};
  webhook.timeoutSeconds ??= 10;
  const { service } = webhook.clientConfig ?? {};
  if (service !== undefined) service.port ??= 443;
  for (const rule of webhook.rules ?? []) rule.scope ??= '*';
}

/** What was wrong before may stay wrong in an update. */
interface Demands {
  readonly hasNoSideEffects: boolean;
  readonly hasKnownVersion: boolean;
  readonly hasUniqueNames: boolean;
  readonly checksConditions: boolean;
}

export function checkWebhooks(
  errors: Errors,
  webhooks: readonly Readonly<Webhook>[] = [],
  old: readonly Readonly<Webhook>[] | undefined,
): void {
  const demands: Demands = {
    hasNoSideEffects: old?.every(({ sideEffects }) => noSideEffects.includes(sideEffects)) ?? true,
    hasKnownVersion: old?.every(({ admissionReviewVersions: all = [] }) => all.length === 0 || isKnown(all)) ?? true,
    hasUniqueNames: old === undefined || new Set(old.map(({ name }) => name)).size === old.length,
    checksConditions: !jsonEqual(conditionsOf(webhooks), conditionsOf(old)),
  };
  const names = new Set<string>();
  webhooks.forEach((webhook, i) => {
    const field = `webhooks[${i}]`;
    checkWebhook(errors, webhook, field, demands);
    checkVersions(errors, webhook.admissionReviewVersions ?? [], `${field}.admissionReviewVersions`, demands);
    const { name } = webhook;
    if (!demands.hasUniqueNames || !name) return;
    if (names.has(name)) errors.push(duplicate(`${field}.name`, name));
    names.add(name);
  });
}

function conditionsOf(webhooks: readonly Readonly<Webhook>[] | undefined): unknown {
  return webhooks?.map(({ matchConditions = null }) => matchConditions);
}

function isKnown(versions: readonly string[]): boolean {
  return versions.some((version) => reviewVersions.includes(version));
}

function checkWebhook(errors: Errors, webhook: Readonly<Webhook>, field: string, demands: Demands): void {
  checkFullyQualified(errors, webhook.name, `${field}.name`);
  webhook.rules?.forEach((rule, i) => checkRule(errors, rule, `${field}.rules[${i}]`));
  const oneOf = (name: 'failurePolicy' | 'matchPolicy' | 'reinvocationPolicy', allowed: readonly string[]): void => {
    const value = webhook[name];
    if (value !== undefined && !allowed.includes(value)) errors.push(notSupported(`${field}.${name}`, value, allowed));
  };
  oneOf('failurePolicy', failurePolicies);
  oneOf('matchPolicy', matchPolicies);
  const effects = demands.hasNoSideEffects ? noSideEffects : anySideEffects;
  const { sideEffects, timeoutSeconds } = webhook;
  // It is null where the client said nothing.
  if (sideEffects === undefined || sideEffects === null)
    errors.push(required(`${field}.sideEffects`, `must specify one of ${effects.join(', ')}`));
  else if (!effects.includes(sideEffects)) errors.push(notSupported(`${field}.sideEffects`, sideEffects, effects));
  if (timeoutSeconds !== undefined && (timeoutSeconds > 30 || timeoutSeconds < 1))
    errors.push(
      invalid(`${field}.timeoutSeconds`, timeoutSeconds, 'the timeout value must be between 1 and 30 seconds'),
    );
  checkLabelSelector(errors, webhook.namespaceSelector, `${field}.namespaceSelector`);
  checkLabelSelector(errors, webhook.objectSelector, `${field}.objectSelector`);
  oneOf('reinvocationPolicy', reinvocationPolicies);
  checkClientConfig(errors, webhook.clientConfig ?? {}, `${field}.clientConfig`);
  if (demands.checksConditions)
    wholeOf(checkMatchConditions(errors, webhook.matchConditions ?? [], `${field}.matchConditions`));
}

function checkFullyQualified(errors: Errors, name: string | undefined, field: string): void {
  if (!name) return void errors.push(required(field));
  const problems = dnsSubdomain(name);
  complain(errors, field, name, problems);
  if (problems.length === 0 && name.split('.').length < 3)
    errors.push(invalid(field, name, 'should be a domain with at least three segments separated by dots'));
}

function checkVersions(errors: Errors, versions: readonly string[], field: string, demands: Demands): void {
  const known = reviewVersions.join(', ');
  if (versions.length === 0) return void errors.push(required(field, `must specify one of ${known}`));
  const seen = new Set<string>();
  versions.forEach((version, i) => {
    if (seen.has(version)) return void errors.push(invalid(`${field}[${i}]`, version, 'duplicate version'));
    seen.add(version);
    complain(errors, `${field}[${i}]`, version, dns1035Label(version));
  });
  if (demands.hasKnownVersion && !isKnown(versions))
    errors.push(invalid(field, versions, `must include at least one of ${known}`));
}
