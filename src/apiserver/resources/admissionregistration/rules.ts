import type { RuleWithOperations } from '../../../api/admissionregistration/v1/types.ts';
import { invalid, notSupported, required } from '../../../apimachinery/validation.ts';
import type { Errors } from '../checks.ts';

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const scopes = ['*', 'Cluster', 'Namespaced'];

/** What a webhook or a policy is asked about. */
export function checkRule(errors: Errors, rule: Readonly<RuleWithOperations>, field: string): void {
  checkOperations(errors, rule.operations ?? [], `${field}.operations`);
  checkAlone(errors, rule.apiGroups ?? [], `${field}.apiGroups`, 'API groups');
  const versions = rule.apiVersions ?? [];
  checkAlone(errors, versions, `${field}.apiVersions`, 'API versions');
  versions.forEach((version, i) => {
    if (version === '') errors.push(required(`${field}.apiVersions[${i}]`));
  });
  checkResources(errors, rule.resources ?? [], `${field}.resources`);
  const { scope } = rule;
  if (scope !== undefined && !scopes.includes(scope)) errors.push(notSupported(`${field}.scope`, scope, scopes));
}

function checkOperations(errors: Errors, list: readonly string[], field: string): void {
  checkAlone(errors, list, field, 'operations');
  list.forEach((operation, i) => {
    if (!operations.includes(operation)) errors.push(notSupported(`${field}[${i}]`, operation, operations));
  });
}

/** There is one at least, and nothing stands beside `*`. */
function checkAlone(errors: Errors, list: readonly string[], field: string, others: string): void {
  if (list.length === 0) errors.push(required(field));
  if (list.length > 1 && list.includes('*'))
    errors.push(invalid(field, list, `if '*' is present, must not specify other ${others}`));
}

function checkResources(errors: Errors, list: readonly string[], field: string): void {
  if (list.length === 0) errors.push(required(field));
  const allOf = new Set<string>();
  const ofAll = new Set<string>();
  let lastIsPlain = false;
  list.forEach((one, i) => {
    if (one === '') return void errors.push(required(`${field}[${i}]`));
    const slash = one.indexOf('/');
    if (slash < 0) return void (lastIsPlain = one !== '*');
    const [resource, subresource] = [one.slice(0, slash), one.slice(slash + 1)];
    const covered = (by: string): void =>
      void errors.push(invalid(`${field}[${i}]`, one, `if '${by}' is present, must not specify ${one}`));
    if (allOf.has(resource)) covered(`${resource}/*`);
    if (ofAll.has(subresource)) covered(`*/${subresource}`);
    if (subresource === '*') allOf.add(resource);
    if (resource === '*') ofAll.add(subresource);
  });
  if (list.length > 1 && list.includes('*/*'))
    errors.push(invalid(field, list, "if '*/*' is present, must not specify other resources"));
  if (list.includes('*') && lastIsPlain)
    errors.push(invalid(field, list, "if '*' is present, must not specify other resources without subresources"));
}
