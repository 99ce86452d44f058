/** The group of those who serve Ingresses, each on a node. */
export const ingressGroup = 'system:kubeling-ingresses';
const prefix = 'system:kubeling-ingress:';

/** The user who serves Ingresses on a node. */
export function ingressUser(node: string): string {
  return `${prefix}${node}`;
}

/** The node on which this user serves Ingresses; only the group lets him do so. */
export function nodeOfIngress(user: { readonly name: string; readonly groups: readonly string[] }): string | undefined {
  if (!user.groups.includes(ingressGroup) || !user.name.startsWith(prefix)) return undefined;
  return user.name.slice(prefix.length) || undefined;
}
