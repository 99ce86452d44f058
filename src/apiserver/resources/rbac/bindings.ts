import type { ClusterRoleBinding, RoleBinding, RoleRef, Subject } from '../../../api/rbac/v1/types.ts';
import { jsonEqual } from '../../../apimachinery/equality.ts';
import { dnsSubdomain } from '../../../apimachinery/names.ts';
import { invalid, notSupported, required, type FieldError } from '../../../apimachinery/validation.ts';
import { ageOf } from '../../rest/cells.ts';
import { complain, type Errors } from '../checks.ts';
import { roleNames } from './rules.ts';

type Binding = RoleBinding | ClusterRoleBinding;
const group = 'rbac.authorization.k8s.io';

export function bindingDefaults({ roleRef, subjects }: Binding): void {
  if (roleRef && !roleRef.apiGroup) roleRef.apiGroup = group;
  for (const subject of subjects ?? [])
    if (!subject.apiGroup && (subject.kind === 'User' || subject.kind === 'Group')) subject.apiGroup = group;
}

/** `roleKinds` are the kinds of role that such a binding can name. */
export function validateBinding(
  { roleRef, subjects, metadata }: Readonly<Binding>,
  old: Readonly<Binding> | undefined,
  roleKinds: readonly string[],
): FieldError[] {
  const errors: Errors = [];
  checkRoleReference(errors, roleRef, roleKinds);
  subjects?.forEach((subject, i) => checkSubject(errors, subject, metadata.namespace !== undefined, `subjects[${i}]`));
  if (old !== undefined && !jsonEqual(roleRef, old.roleRef))
    errors.push(invalid('roleRef', roleRef, 'cannot change roleRef'));
  return errors;
}

function checkRoleReference(errors: Errors, { apiGroup, kind, name }: RoleRef, roleKinds: readonly string[]): void {
  if (apiGroup !== group) errors.push(notSupported('roleRef.apiGroup', apiGroup ?? '', [group]));
  if (!roleKinds.includes(kind)) errors.push(notSupported('roleRef.kind', kind ?? '', roleKinds));
  if (!name) errors.push(required('roleRef.name'));
  else complain(errors, 'roleRef.name', name, roleNames(name));
}

function checkSubject(errors: Errors, subject: Subject, namespaced: boolean, field: string): void {
  const { kind, name, apiGroup = '', namespace } = subject;
  if (!name) errors.push(required(`${field}.name`));
  switch (kind) {
    case 'ServiceAccount':
      if (name) complain(errors, `${field}.name`, name, dnsSubdomain(name));
      if (apiGroup !== '') errors.push(notSupported(`${field}.apiGroup`, apiGroup, ['']));
      if (!namespaced && !namespace) errors.push(required(`${field}.namespace`));
      break;
    case 'User':
    case 'Group':
      if (apiGroup !== group) errors.push(notSupported(`${field}.apiGroup`, apiGroup, [group]));
      break;
    default:
      errors.push(notSupported(`${field}.kind`, kind ?? '', ['ServiceAccount', 'User', 'Group']));
  }
}

export function bindingCells({ metadata, roleRef, subjects = [] }: Readonly<Binding>, now: number) {
  const named = (kind: string, text: (subject: Subject) => string) =>
    subjects
      .filter((subject) => subject.kind === kind)
      .map(text)
      .join(', ');
  return [
    metadata.name,
    `${roleRef.kind}/${roleRef.name}`,
    ageOf({ metadata }, now),
    named('User', ({ name }) => name),
    named('Group', ({ name }) => name),
    named('ServiceAccount', ({ namespace = '', name }) => `${namespace}/${name}`),
  ];
}
