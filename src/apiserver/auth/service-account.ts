import type { UserInfo } from './auth.ts';

const prefix = 'system:serviceaccount:';

/** The user name of a service account. */
export function serviceAccountUser(namespace: string, name: string): string {
  return `${prefix}${namespace}:${name}`;
}

/** The groups of every service account of a namespace. */
export function serviceAccountGroups(namespace: string): string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
}

const namespaceShape = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const nameShape = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** The account that a user name stands for, if it is one of a service account. */
export function accountOfUser(user: string): { namespace: string; name: string } | undefined {
  if (!user.startsWith(prefix)) return undefined;
  const [namespace, name, ...more] = user.slice(prefix.length).split(':');
  if (namespace === undefined || name === undefined || more.length > 0) return undefined;
  return namespaceShape.test(namespace) && nameShape.test(name) && name.length < 254 ? { namespace, name } : undefined;
}

/** The node that an agent's user name stands for: `system:node:<name>`. Says nothing about its groups. */
export function nodeOfUser(user: string): string | undefined {
  if (!user.startsWith('system:node:')) return undefined;
  const name = user.slice('system:node:'.length);
  return nameShape.test(name) && name.length < 254 ? name : undefined;
}

/** The name of the node whose agent this user is; only the group makes it one. */
export function nodeOfAgent(user: UserInfo): string | undefined {
  return user.groups.includes('system:nodes') ? nodeOfUser(user.name) : undefined;
}
