import { ResourceQuotas, type ResourceQuota, type ResourceQuotaSpec } from '../../../api/core/v1/types.ts';
import { invalid, required } from '../../../apimachinery/validation.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { immutableField, type Errors } from '../checks.ts';
import { canonicalQuantity, compareQuantities, roundUpToMilli } from './pod-spec/quantities.ts';
import { hugePagePrefix } from './pod-spec/resource-names.ts';
import { checkAmount, checkResourceName } from './pod-spec/resources.ts';

type Amounts = Readonly<Record<string, string>>;

/** How much of everything the objects of a namespace may use together. */
export const resourceQuota: ResourceDefinition<ResourceQuota> = {
  type: ResourceQuotas,

  strategy: {
    hasGeneration: false,
    returnDeletedObject: true,

    defaults(draft) {
      roundUpToMilli((draft.spec ??= {}).hard);
      const status = (draft.status ??= {});
      roundUpToMilli(status.hard);
      roundUpToMilli(status.used);
    },

    prepareForCreate(draft) {
      draft.status = {};
    },

    validate({ spec }, old) {
      const errors: Errors = [];
      checkAmounts(errors, spec.hard, 'spec.hard');
      checkScopes(errors, spec);
      checkScopeSelector(errors, spec);
      if (old !== undefined && !sameMembers(spec.scopes, old.spec.scopes))
        errors.push(invalid('spec.scopes', spec.scopes ?? null, immutableField));
      return errors;
    },

    warnings: (object, old) => (old === undefined ? requestsAboveLimits(object.spec.hard ?? {}) : []),

    status: {
      validate({ metadata, status = {} }) {
        const errors: Errors = [];
        if (!metadata.resourceVersion) errors.push(required('resourceVersion'));
        checkAmounts(errors, status.hard, 'status.hard');
        checkAmounts(errors, status.used, 'status.used');
        return errors;
      },
    },
  },

  columns: {
    cells: (object, now) => [
      object.metadata.name,
      usageCell(object, (name) => !isLimit(name)),
      usageCell(object, isLimit),
      ageOf(object, now),
    ],
  },
};

function isLimit(name: string): boolean {
  return name.startsWith('limits.');
}

function usageCell({ status = {} }: Readonly<ResourceQuota>, isShown: (name: string) => boolean): string {
  const { hard = {}, used = {} } = status;
  const names = Object.keys(hard).filter(isShown).sort();
  return names.map((name) => `${name}: ${used[name] ?? '0'}/${hard[name]}`).join(', ');
}

const quotaResources = new Set(
  [
    ['cpu', 'memory', 'ephemeral-storage'],
    ['requests.cpu', 'requests.memory', 'requests.storage', 'requests.ephemeral-storage'],
    ['limits.cpu', 'limits.memory', 'limits.ephemeral-storage'],
    ['pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'persistentvolumeclaims', 'configmaps'],
    ['services.nodeports', 'services.loadbalancers'],
  ].flat(),
);

function isQuotaResource(name: string): boolean {
  return quotaResources.has(name) || name.startsWith(hugePagePrefix) || name.startsWith(`requests.${hugePagePrefix}`);
}

function checkAmounts(errors: Errors, amounts: Amounts = {}, field: string): void {
  for (const [name, amount] of Object.entries(amounts)) {
    const key = `${field}[${name}]`;
    checkResourceName(errors, name, key);
    if (!name.includes('/') && !isQuotaResource(name))
      errors.push(invalid(key, name, 'must be a standard resource for quota'));
    checkAmount(errors, name, amount, key);
  }
}

const podCompute = new Set(['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory']);
const ofPods = (name: string): boolean => name === 'pods' || podCompute.has(name);

/** What can be counted of those objects only that are within a scope. */
const countedWithin: Readonly<Record<string, (name: string) => boolean>> = {
  Terminating: ofPods,
  NotTerminating: ofPods,
  NotBestEffort: ofPods,
  PriorityClass: ofPods,
  CrossNamespacePodAffinity: ofPods,
  BestEffort: (name) => name === 'pods',
  VolumeAttributesClass: (name) => name === 'persistentvolumeclaims' || name === 'requests.storage',
};

function checkScopes(errors: Errors, { scopes = [], hard }: Readonly<ResourceQuotaSpec>): void {
  const field = 'spec.scopes';
  for (const scope of scopes) {
    if (!Object.hasOwn(countedWithin, scope)) errors.push(invalid(field, scopes, 'unsupported scope'));
    for (const _name of outside(scope, hard))
      errors.push(invalid(field, scopes, 'unsupported scope applied to resource'));
  }
  checkConflicts(errors, scopes, field, scopes);
}

/** Standard resources of the quota that the scope knows nothing of. */
function outside(scope: string, hard: Amounts = {}): string[] {
  const isCounted = Object.hasOwn(countedWithin, scope) ? countedWithin[scope]! : () => true;
  return Object.keys(hard)
    .sort()
    .filter((name) => isQuotaResource(name) && !isCounted(name));
}

const opposites = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
];

function checkConflicts(errors: Errors, used: readonly string[], field: string, shown: unknown): void {
  for (const pair of opposites)
    if (pair.every((scope) => used.includes(scope))) errors.push(invalid(field, shown, 'conflicting scopes'));
}

const onlyExists = new Set([
  'BestEffort',
  'NotBestEffort',
  'Terminating',
  'NotTerminating',
  'CrossNamespacePodAffinity',
]);
const existsRule = `must be 'Exists' when scope is any of ${[
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
]
  .map((scope) => `ResourceQuotaScope${scope}`)
  .join(', ')} or ResourceQuotaScopeCrossNamespacePodAffinity`;

function checkScopeSelector(errors: Errors, { scopes, scopeSelector, hard }: Readonly<ResourceQuotaSpec>): void {
  if (scopeSelector === undefined) return;
  const field = 'spec.scopeSelector.matchExpressions';
  const requirements = scopeSelector.matchExpressions ?? [];
  for (const { scopeName, operator, values } of requirements) {
    if (!Object.hasOwn(countedWithin, scopeName ?? ''))
      errors.push(invalid(`${field}.scopeName`, scopeName ?? '', 'unsupported scope'));
    for (const _name of outside(scopeName ?? '', hard))
      errors.push(invalid(field, goForm(scopeSelector), 'unsupported scope applied to resource'));
    if (onlyExists.has(scopeName) && operator !== 'Exists')
      errors.push(invalid(`${field}.operator`, operator ?? '', existsRule));
    checkValues(errors, operator, values, field);
  }
  checkConflicts(
    errors,
    requirements.map(({ scopeName }) => scopeName),
    field,
    scopes ?? null,
  );
}

function checkValues(errors: Errors, operator: string, values: readonly string[] = [], field: string): void {
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0)
        errors.push(
          required(
            `${field}.values`,
            "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
          ),
        );
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0)
        errors.push(
          invalid(
            `${field}.values`,
            values,
            "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
          ),
        );
      break;
    default:
      errors.push(invalid(`${field}.operator`, operator ?? '', 'not a valid selector operator'));
  }
}

/** As messages of Kubernetes show it: by the names that its fields have in Go. */
function goForm({ matchExpressions }: NonNullable<ResourceQuotaSpec['scopeSelector']>): object {
  const requirements = matchExpressions?.map(({ scopeName, operator, values }) => ({
    ScopeName: scopeName ?? '',
    Operator: operator ?? '',
    Values: values ?? null,
  }));
  return { MatchExpressions: requirements ?? null };
}

function sameMembers(a: readonly string[] = [], b: readonly string[] = []): boolean {
  const [first, second] = [new Set(a), new Set(b)];
  return first.size === second.size && [...first].every((one) => second.has(one));
}

/** A quota whose requests exceed its limits can never be used up. */
function requestsAboveLimits(hard: Amounts): string[] {
  return ['cpu', 'memory', 'storage', 'ephemeral-storage'].flatMap((resource) => {
    const names = [`requests.${resource}`, ...(resource === 'cpu' || resource === 'memory' ? [resource] : [])];
    const name = names.find((one) => hard[one] !== undefined);
    const limitName = `limits.${resource}`;
    const limit = hard[limitName];
    if (name === undefined || limit === undefined || compareQuantities(hard[name]!, limit) <= 0) return [];
    const [request, bound] = [canonicalQuantity(hard[name]!), canonicalQuantity(limit)];
    return [`ResourceQuota ${name} (${request}) should be less than ${limitName} (${bound})`];
  });
}
