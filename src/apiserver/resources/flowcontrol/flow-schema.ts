import {
  FlowSchemas,
  type FlowSchema,
  type FlowSchemaSpec,
  type NonResourcePolicyRule,
  type PolicyRulesWithSubjects,
  type ResourcePolicyRule,
  type Subject,
} from '../../../api/flowcontrol/v1/types.ts';
import { semanticEqual } from '../../../apimachinery/equality.ts';
import { dnsLabel, dnsSubdomain } from '../../../apimachinery/names.ts';
import { forbidden, invalid, notSupported, required } from '../../../apimachinery/validation.ts';
import { recorded } from '../../bootstrap/recorded.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { complain, type Errors } from '../checks.ts';
import { checkConditions } from './conditions.ts';
import { fixedNames } from './fixed-names.ts';

const lowestRank = 10_000;
const distinguishers = ['ByNamespace', 'ByUser'];
const subjectKinds = ['Group', 'ServiceAccount', 'User'];
const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];

/** Which requests belong together, and to which priority level they belong (API priority and fairness). */
export const flowSchema: ResourceDefinition<FlowSchema> = {
  type: FlowSchemas,

  strategy: {
    defaults({ spec }) {
      if (!spec.matchingPrecedence) spec.matchingPrecedence = 1000;
      for (const { resourceRules = [] } of spec.rules ?? [])
        for (const rule of resourceRules) if (rule.namespaces?.length === 0) rule.namespaces = null;
    },

    prepareForCreate(draft) {
      draft.status = {};
    },

    validate({ metadata: { name = '' }, spec, status }) {
      const errors: Errors = [];
      checkSpec(errors, name, spec);
      const fixed = fixedNames.has(name) ? recorded.flowSchemas.find((one) => one.name === name) : undefined;
      if (fixed !== undefined && !semanticEqual(spec, fixed.spec))
        errors.push(invalid('spec', goSpec(spec), `spec of '${name}' must equal the fixed value`));
      checkConditions(errors, status?.conditions);
      return errors;
    },

    status: {
      validate: ({ status }) => {
        const errors: Errors = [];
        checkConditions(errors, status?.conditions);
        return errors;
      },
    },
  },

  columns: {
    cells(object, now) {
      const { priorityLevelConfiguration, matchingPrecedence = 0, distinguisherMethod } = object.spec;
      const dangling = object.status?.conditions?.find(({ type }) => type === 'Dangling');
      return [
        object.metadata.name,
        priorityLevelConfiguration.name,
        matchingPrecedence,
        distinguisherMethod?.type ?? '<none>',
        ageOf(object, now),
        dangling?.status ?? '?',
      ];
    },
  },
};

function checkSpec(errors: Errors, name: string, spec: Readonly<FlowSchemaSpec>): void {
  const { matchingPrecedence = 0, distinguisherMethod, priorityLevelConfiguration } = spec;
  const rank = (why: string): void => void errors.push(invalid('spec.matchingPrecedence', matchingPrecedence, why));
  if (matchingPrecedence <= 0) rank('must be a positive value');
  if (matchingPrecedence > lowestRank) rank(`must not be greater than ${lowestRank}`);
  if (matchingPrecedence === 1 && name !== 'exempt')
    rank("only the schema named 'exempt' may have matchingPrecedence 1");
  const method = distinguisherMethod?.type ?? '';
  if (distinguisherMethod !== undefined && !distinguishers.includes(method))
    errors.push(notSupported('spec.distinguisherMethod.type', { Type: method }, distinguishers));
  const level = priorityLevelConfiguration?.name ?? '';
  if (level === '') errors.push(required('spec.priorityLevelConfiguration.name', 'must reference a priority level'));
  else complain(errors, 'spec.priorityLevelConfiguration.name', level, dnsSubdomain(level));
  spec.rules?.forEach((rule, i) => checkRule(errors, rule, `spec.rules[${i}]`));
}

function checkRule(errors: Errors, rule: Readonly<PolicyRulesWithSubjects>, field: string): void {
  const { subjects, resourceRules = [], nonResourceRules = [] } = rule;
  if (!subjects?.length) errors.push(required(`${field}.subjects`, 'subjects must contain at least one value'));
  subjects?.forEach((subject, i) => checkSubject(errors, subject, `${field}.subjects[${i}]`));
  if (resourceRules.length === 0 && nonResourceRules.length === 0)
    errors.push(required(field, 'at least one of resourceRules and nonResourceRules has to be non-empty'));
  resourceRules.forEach((one, i) => checkResourceRule(errors, one, `${field}.resourceRules[${i}]`));
  nonResourceRules.forEach((one, i) => checkPathRule(errors, one, `${field}.nonResourceRules[${i}]`));
}

const memberOf = { User: 'user', Group: 'group', ServiceAccount: 'serviceAccount' } as const;

function checkSubject(errors: Errors, subject: Readonly<Subject>, field: string): void {
  const { kind } = subject;
  if (kind !== 'User' && kind !== 'Group' && kind !== 'ServiceAccount')
    return void errors.push(notSupported(`${field}.kind`, kind, subjectKinds));
  const own = memberOf[kind];
  const at = `${field}.${own}`;
  if (subject[own] === undefined) errors.push(required(at, `${own} is required when subject kind is '${kind}'`));
  else if (kind === 'ServiceAccount') checkAccount(errors, subject.serviceAccount!, at);
  else if (!subject[own].name) errors.push(required(`${at}.name`));
  for (const other of ['ServiceAccount', 'User', 'Group'] as const) {
    const member = memberOf[other];
    if (other !== kind && subject[member] !== undefined)
      errors.push(forbidden(`${field}.${member}`, `${member} is forbidden when subject kind is not '${other}'`));
  }
}

function checkAccount(errors: Errors, account: NonNullable<Subject['serviceAccount']>, field: string): void {
  const { name, namespace } = account;
  if (!name) errors.push(required(`${field}.name`));
  else if (name !== '*') complain(errors, `${field}.name`, name, dnsSubdomain(name));
  if (!namespace) errors.push(required(`${field}.namespace`, 'must specify namespace for service account'));
  else complain(errors, `${field}.namespace`, namespace, dnsLabel(namespace));
}

function checkVerbs(errors: Errors, list: readonly string[] | undefined, field: string): void {
  const at = `${field}.verbs`;
  if (!list?.length) errors.push(required(at, 'verbs must contain at least one value'));
  else if (list.includes('*')) checkAlone(errors, list, at, 'verbs');
  else if (!list.every((verb) => verbs.includes(verb))) errors.push(notSupported(at, list, verbs));
}

/** `*` stands for all, so nothing may stand beside it. */
function checkAlone(errors: Errors, list: readonly string[], field: string, others: string): void {
  if (list.length > 1 && list.includes('*'))
    errors.push(invalid(field, list, `if '*' is present, must not specify other ${others}`));
}

function checkResourceRule(errors: Errors, rule: Readonly<ResourcePolicyRule>, field: string): void {
  checkVerbs(errors, rule.verbs, field);
  const { apiGroups, resources, namespaces, clusterScope = false } = rule;
  const lacking = (name: string, why: string): void => void errors.push(required(`${field}.${name}`, why));
  if (!apiGroups?.length) lacking('apiGroups', 'resource rules must supply at least one api group');
  else checkAlone(errors, apiGroups, `${field}.apiGroups`, 'api groups');
  if (!resources?.length) lacking('resources', 'resource rules must supply at least one resource');
  else checkAlone(errors, resources, `${field}.resources`, 'resources');
  if (!namespaces?.length) {
    if (!clusterScope)
      lacking('namespaces', 'resource rules that are not cluster scoped must supply at least one namespace');
  } else if (namespaces.includes('*')) checkAlone(errors, namespaces, `${field}.namespaces`, 'namespaces');
  else
    namespaces.forEach((namespace, i) => {
      for (const problem of dnsLabel(namespace)) {
        const why = `each member of this list must be '*' or a DNS-1123 label; ${problem}`;
        errors.push(invalid(`${field}.namespaces[${i}]`, namespace, why));
      }
    });
}

function checkPathRule(errors: Errors, rule: Readonly<NonResourcePolicyRule>, field: string): void {
  checkVerbs(errors, rule.verbs, field);
  const { nonResourceURLs: paths } = rule;
  const at = `${field}.nonResourceURLs`;
  if (!paths?.length) errors.push(required(at, 'nonResourceURLs must contain at least one value'));
  else if (paths.includes('*')) checkAlone(errors, paths, at, 'non-resource URLs');
  else
    paths.forEach((path, i) => {
      const problem = problemOfPath(path);
      if (problem !== undefined) errors.push(invalid(`${at}[${i}]`, path, problem));
    });
}

function problemOfPath(path: string): string | undefined {
  if (path === '') return 'must not be empty';
  if (path === '/') return undefined;
  if (!path.startsWith('/')) return 'must start with slash';
  if (path.includes(' ')) return 'must not contain white-space';
  if (path.includes('//')) return 'must not contain double slash';
  const star = path.indexOf('*');
  return star < 0 || (star === path.length - 1 && path.endsWith('/*'))
    ? undefined
    : 'wildcard can only do suffix matching';
}

/** A spec as Go shows it. */
function goSpec(spec: Readonly<FlowSchemaSpec>): object {
  const { priorityLevelConfiguration, matchingPrecedence, distinguisherMethod, rules } = spec;
  return {
    PriorityLevelConfiguration: { Name: priorityLevelConfiguration?.name ?? '' },
    MatchingPrecedence: matchingPrecedence,
    DistinguisherMethod: distinguisherMethod === undefined ? null : { Type: distinguisherMethod.type },
    Rules: rules?.map(goRule) ?? null,
  };
}

function goRule({ subjects, resourceRules, nonResourceRules }: Readonly<PolicyRulesWithSubjects>): object {
  return {
    Subjects: subjects.map(({ kind, user, group, serviceAccount }) => ({
      Kind: kind,
      User: user ? { Name: user.name } : null,
      Group: group ? { Name: group.name } : null,
      ServiceAccount: serviceAccount ? { Namespace: serviceAccount.namespace, Name: serviceAccount.name } : null,
    })),
    ResourceRules:
      resourceRules?.map((rule) => ({
        Verbs: rule.verbs,
        APIGroups: rule.apiGroups,
        Resources: rule.resources,
        ClusterScope: rule.clusterScope ?? false,
        Namespaces: rule.namespaces ?? null,
      })) ?? null,
    NonResourceRules:
      nonResourceRules?.map((rule) => ({ Verbs: rule.verbs, NonResourceURLs: rule.nonResourceURLs })) ?? null,
  };
}
