import type {
  Affinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
} from '../../../../api/core/v1/types.ts';
import { dnsLabel, dnsSubdomain, labelValueText } from '../../../../apimachinery/names.ts';
import { forbidden, invalid, required } from '../../../../apimachinery/validation.ts';
import { checkQualifiedName, complain, type Errors } from '../../checks.ts';
import { checkLabelSelector } from '../../label-selector.ts';

export function checkAffinity(errors: Errors, affinity: Affinity, field: string): void {
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity;
  if (nodeAffinity !== undefined) {
    const { requiredDuringSchedulingIgnoredDuringExecution: needs } = nodeAffinity;
    const { preferredDuringSchedulingIgnoredDuringExecution: preferred } = nodeAffinity;
    if (needs !== undefined)
      checkNodeSelector(errors, needs, `${field}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution`);
    preferred?.forEach(({ weight, preference }, i) => {
      const at = `${field}.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[${i}]`;
      checkWeight(errors, weight, `${at}.weight`);
      // Values are not looked at here: a term that no node meets does no harm.
      checkTerm(errors, preference ?? {}, `${at}.preference`, { values: 'any' });
    });
  }
  if (podAffinity !== undefined) checkPodAffinity(errors, podAffinity, `${field}.podAffinity`);
  if (podAntiAffinity !== undefined) checkPodAffinity(errors, podAntiAffinity, `${field}.podAntiAffinity`);
}

function checkWeight(errors: Errors, weight: number | undefined, field: string): void {
  if (!weight || weight < 1 || weight > 100) errors.push(invalid(field, weight ?? 0, 'must be in the range 1-100'));
}

export function checkNodeSelector(errors: Errors, { nodeSelectorTerms }: NodeSelector, field: string): void {
  if (!nodeSelectorTerms?.length)
    errors.push(required(`${field}.nodeSelectorTerms`, 'must have at least one node selector term'));
  nodeSelectorTerms?.forEach((term, i) =>
    checkTerm(errors, term, `${field}.nodeSelectorTerms[${i}]`, { values: 'labels' }),
  );
}

function checkTerm(
  errors: Errors,
  { matchExpressions, matchFields }: NodeSelectorTerm,
  field: string,
  { values }: { readonly values: 'labels' | 'any' },
): void {
  matchExpressions?.forEach((one, i) => checkRequirement(errors, one, `${field}.matchExpressions[${i}]`, values));
  matchFields?.forEach((one, i) => checkFieldRequirement(errors, one, `${field}.matchFields[${i}]`));
}

function checkRequirement(
  errors: Errors,
  { key = '', operator, values = [] }: NodeSelectorRequirement,
  field: string,
  allowed: 'labels' | 'any',
): void {
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0)
        errors.push(required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0)
        errors.push(forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      break;
    case 'Gt':
    case 'Lt':
      if (values.length !== 1)
        errors.push(required(`${field}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
      break;
    default:
      errors.push(invalid(`${field}.operator`, operator ?? '', 'not a valid selector operator'));
  }
  checkQualifiedName(errors, `${field}.key`, key);
  if (allowed === 'labels')
    values.forEach((value, i) => complain(errors, `${field}.values[${i}]`, value, labelValueText(value)));
}

/** The only field of a node that can be selected by is its name. */
function checkFieldRequirement(
  errors: Errors,
  { key = '', operator, values = [] }: NodeSelectorRequirement,
  field: string,
): void {
  if (operator !== 'In' && operator !== 'NotIn')
    errors.push(invalid(`${field}.operator`, operator ?? '', 'not a valid selector operator'));
  else if (values.length !== 1)
    errors.push(
      required(`${field}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"),
    );
  if (key !== 'metadata.name') errors.push(invalid(`${field}.key`, key, 'not a valid field selector key'));
  else values.forEach((value, i) => complain(errors, `${field}.values[${i}]`, value, dnsSubdomain(value)));
}

function checkPodAffinity(errors: Errors, affinity: PodAffinity, field: string): void {
  affinity.requiredDuringSchedulingIgnoredDuringExecution?.forEach((term, i) =>
    checkPodTerm(errors, term, `${field}.requiredDuringSchedulingIgnoredDuringExecution[${i}]`),
  );
  affinity.preferredDuringSchedulingIgnoredDuringExecution?.forEach(({ weight, podAffinityTerm }, i) => {
    const at = `${field}.preferredDuringSchedulingIgnoredDuringExecution[${i}]`;
    checkWeight(errors, weight, `${at}.weight`);
    checkPodTerm(errors, podAffinityTerm ?? ({} as PodAffinityTerm), `${at}.podAffinityTerm`);
  });
}

function checkPodTerm(errors: Errors, term: PodAffinityTerm, field: string): void {
  checkLabelSelector(errors, term.labelSelector, `${field}.labelSelector`);
  checkLabelSelector(errors, term.namespaceSelector, `${field}.namespaceSelector`);
  for (const name of term.namespaces ?? []) complain(errors, `${field}.namespace`, name, dnsLabel(name));
  checkKeysOfPod(errors, term, field);
  const { topologyKey = '' } = term;
  if (topologyKey === '') errors.push(required(`${field}.topologyKey`, 'can not be empty'));
  checkQualifiedName(errors, `${field}.topologyKey`, topologyKey);
}

/** Labels whose values are taken from the pod itself; the server turns them into requirements of the selector. */
export function checkKeysOfPod(
  errors: Errors,
  term: Pick<PodAffinityTerm, 'labelSelector' | 'matchLabelKeys' | 'mismatchLabelKeys'>,
  field: string,
): void {
  const { matchLabelKeys = [], mismatchLabelKeys = [], labelSelector } = term;
  for (const [name, keys] of Object.entries({ matchLabelKeys, mismatchLabelKeys })) {
    if (keys.length === 0) continue;
    if (labelSelector === undefined)
      errors.push(forbidden(`${field}.${name}`, 'must not be specified when labelSelector is not set'));
    else keys.forEach((key, i) => checkQualifiedName(errors, `${field}.${name}[${i}]`, key));
  }
  if (labelSelector !== undefined) {
    const seen = new Set(Object.keys(labelSelector.matchLabels ?? {}));
    for (const { key } of labelSelector.matchExpressions ?? []) {
      const at = matchLabelKeys.lastIndexOf(key);
      if (at >= 0 && seen.has(key))
        errors.push(invalid(`${field}[${at}]`, key, 'exists in both matchLabelKeys and labelSelector'));
      seen.add(key);
    }
  }
  matchLabelKeys.forEach((key, i) => {
    if (mismatchLabelKeys.includes(key))
      errors.push(invalid(`${field}.matchLabelKeys[${i}]`, key, 'exists in both matchLabelKeys and mismatchLabelKeys'));
  });
}
