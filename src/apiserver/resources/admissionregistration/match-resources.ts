import type {
  MatchResources,
  NamedRuleWithOperations,
  ParamKind,
  ParamRef,
} from '../../../api/admissionregistration/v1/types.ts';
import { dns1035Label, dnsSubdomain, pathSegment } from '../../../apimachinery/names.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '../../../apimachinery/validation.ts';
import { complain, type Errors } from '../checks.ts';
import { checkLabelSelector } from '../label-selector.ts';
import { checkRule } from './rules.ts';

const matchPolicies = ['Equivalent', 'Exact'];
const notFoundActions = ['Deny', 'Allow'];

export function fillMatchResources(match: MatchResources | undefined): void {
  if (!match) return;
  match.matchPolicy ??= 'Equivalent';
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  for (const rule of [...(match.resourceRules ?? []), ...(match.excludeResourceRules ?? [])]) rule.scope ??= '*';
}

/** Which requests a policy or a binding is about. */
function checkMatchResources(errors: Errors, match: Readonly<MatchResources>, field: string): void {
  const { matchPolicy, namespaceSelector, objectSelector, resourceRules = [], excludeResourceRules = [] } = match;
  if (matchPolicy !== undefined && !matchPolicies.includes(matchPolicy))
    errors.push(notSupported(`${field}.matchPolicy`, matchPolicy, matchPolicies));
  checkLabelSelector(errors, namespaceSelector, `${field}.namespaceSelector`);
  checkLabelSelector(errors, objectSelector, `${field}.objectSelector`);
  resourceRules.forEach((rule, i) => checkNamedRule(errors, rule, `${field}.resourceRules[${i}]`));
  excludeResourceRules.forEach((rule, i) => checkNamedRule(errors, rule, `${field}.excludeResourceRules[${i}]`));
}

/** The same for a policy, which has to say what it is about. */
export function checkMatchConstraints(errors: Errors, match: Readonly<MatchResources> | undefined): void {
  const field = 'spec.matchConstraints';
  if (!match) return void errors.push(required(field));
  checkMatchResources(errors, match, field);
  if (!match.resourceRules?.length) errors.push(required(`${field}.resourceRules`));
}

function checkNamedRule(errors: Errors, rule: Readonly<NamedRuleWithOperations>, field: string): void {
  const names = new Set<string>();
  rule.resourceNames?.forEach((name, i) => {
    complain(errors, `${field}.resourceNames[${i}]`, name, pathSegment(name));
    if (names.has(name)) errors.push(duplicate(`${field}.resourceNames[${i}]`, name));
    names.add(name);
  });
  checkRule(errors, rule, field);
}

/** The kind of which a policy's parameters are. */
export function checkParamKind(errors: Errors, paramKind: Readonly<ParamKind> | undefined): void {
  if (!paramKind) return;
  const { apiVersion = '', kind = '' } = paramKind;
  checkApiVersion(errors, apiVersion, 'spec.paramKind.apiVersion');
  const field = 'spec.paramKind.kind';
  if (kind === '') return void errors.push(required(field));
  const problems = dns1035Label(kind.toLowerCase());
  if (problems.length > 0)
    errors.push(invalid(field, kind, `may have mixed case, but should otherwise match: ${problems.join(',')}`));
}

function checkApiVersion(errors: Errors, apiVersion: string, field: string): void {
  if (apiVersion === '') return void errors.push(required(field));
  const parts = apiVersion === '/' ? ['', ''] : apiVersion.split('/');
  if (parts.length > 2)
    return void errors.push(invalid(field, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  const version = parts.at(-1)!;
  const group = parts.length === 2 ? parts[0]! : '';
  const groupProblems = group === '' ? [] : dnsSubdomain(group);
  if (groupProblems.length > 0) errors.push(invalid(field, group, groupProblems.join(',')));
  if (version === '') return void errors.push(invalid(field, apiVersion, 'version must be specified'));
  const problems = dns1035Label(version);
  if (problems.length > 0) errors.push(invalid(field, version, problems.join(',')));
}

function checkParamRef(errors: Errors, paramRef: Readonly<ParamRef>, field: string): void {
  const { name = '', selector, parameterNotFoundAction: action } = paramRef;
  const exclusive = 'name and selector are mutually exclusive';
  if (name !== '') {
    complain(errors, `${field}.name`, name, pathSegment(name));
    if (selector) errors.push(forbidden(`${field}.name`, exclusive));
  }
  if (selector) {
    checkLabelSelector(errors, selector, `${field}.selector`);
    if (name !== '') errors.push(forbidden(`${field}.selector`, exclusive));
  }
  if (name === '' && !selector) errors.push(required(field, 'one of name or selector must be specified'));
  if (!action) errors.push(required(`${field}.parameterNotFoundAction`));
  else if (!notFoundActions.includes(action))
    errors.push(notSupported(`${field}.parameterNotFoundAction`, action, notFoundActions));
}

interface BindingSpec {
  readonly policyName?: string;
  readonly paramRef?: ParamRef;
  readonly matchResources?: MatchResources;
}

/** What the bindings of both kinds of policies have in common. */
export function checkBinding(errors: Errors, { policyName, paramRef, matchResources }: BindingSpec): void {
  if (!policyName) errors.push(required('spec.policyName'));
  else complain(errors, 'spec.policyName', policyName, dnsSubdomain(policyName));
  if (paramRef) checkParamRef(errors, paramRef, 'spec.paramRef');
  if (matchResources) checkMatchResources(errors, matchResources, 'spec.matchResources');
}

export function paramKindCell(paramKind: Readonly<ParamKind> | undefined): string {
  return paramKind === undefined ? '<unset>' : `${paramKind.apiVersion}/${paramKind.kind}`;
}

/** Names a parameter, or shows what selects parameters as Go prints it. */
export function paramRefCell(paramRef: Readonly<ParamRef> | undefined): string {
  if (paramRef === undefined) return '<unset>';
  const { namespace, name, selector } = paramRef;
  if (name) return `${namespace || '*'}/${name}`;
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  const labels = Object.keys(matchLabels).sort();
  const shownLabels = labels.map((key) => `${key}: ${matchLabels[key]},`).join('');
  const expressions = matchExpressions.map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  const shown = `MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}}`;
  return `&LabelSelector{MatchLabels:map[string]string{${shownLabels}},${shown},}`;
}
