import type { PolicyRule, Subject } from '../../api/rbac/v1/types.ts';
import type { Attributes } from './auth.ts';
import { serviceAccountUser } from './service-account.ts';

/** Whether one rule of a role allows what the attributes ask for. */
export function ruleAllows(rule: Readonly<PolicyRule>, attributes: Attributes): boolean {
  if (!holds(rule.verbs, attributes.verb)) return false;
  if (attributes.path !== undefined) return pathCovered(rule.nonResourceURLs, attributes.path);
  return (
    holds(rule.apiGroups, attributes.group ?? '') &&
    resourceCovered(rule.resources, attributes.resource ?? '', attributes.subresource ?? '') &&
    (!rule.resourceNames?.length || rule.resourceNames.includes(attributes.name ?? ''))
  );
}

/** Whether a list of a rule names the value, or everything. */
export function holds(list: readonly string[] | undefined, value: string): boolean {
  return list !== undefined && (list.includes(value) || list.includes('*'));
}

function resourceCovered(list: readonly string[] | undefined, resource: string, subresource: string): boolean {
  if (list === undefined) return false;
  if (subresource === '') return holds(list, resource);
  return list.some((one) => one === '*' || one === `${resource}/${subresource}` || one === `*/${subresource}`);
}

/** `/metrics` is itself only, `/x/*` all that begins so. */
export function pathCovered(list: readonly string[] | undefined, path: string): boolean {
  if (list === undefined) return false;
  return list.some((one) => one === path || one === '*' || (one.endsWith('*') && path.startsWith(one.slice(0, -1))));
}

/** The key under which a subject's bindings are found: a service account is the user of that name. Empty: nobody. */
export function subjectKey(subject: Readonly<Subject>, namespace: string): string {
  switch (subject.kind) {
    case 'User':
      return `u ${subject.name}`;
    case 'Group':
      return `g ${subject.name}`;
    case 'ServiceAccount': {
      const home = subject.namespace || namespace;
      return home === '' ? '' : `u ${serviceAccountUser(home, subject.name)}`;
    }
    default:
      return '';
  }
}

/** A subject as reasons name it. */
export function subjectText(subject: Readonly<Subject>, namespace: string): string {
  const name = subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace || namespace}` : subject.name;
  return `${subject.kind} ${JSON.stringify(name)}`;
}
