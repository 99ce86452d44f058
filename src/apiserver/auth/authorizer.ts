import { refused, type StatusError } from '../../apimachinery/status.ts';
import type { Attributes, Authorizer, Decision } from './auth.ts';

/** Members of `system:masters` may do everything, whatever the stored roles say. */
export const superuserAuthorizer: Authorizer = {
  authorize: ({ user }) =>
    user.groups.includes('system:masters')
      ? { allowed: true, reason: '' }
      : { allowed: false, denied: false, reason: '' },
};

/**
 * Asks each authorizer in turn; the first that allows or denies decides. What nobody allows is refused, for all their
 * reasons.
 */
export function unionAuthorizer(authorizers: readonly Authorizer[]): Authorizer {
  return {
    authorize(attributes) {
      const reasons: string[] = [];
      for (const authorizer of authorizers) {
        const decision = authorizer.authorize(attributes);
        if (decision.allowed || decision.denied) return decision;
        if (decision.reason !== '') reasons.push(decision.reason);
      }
      return { allowed: false, denied: false, reason: reasons.join('\n') };
    },
  };
}

/** `User "x" cannot get resource "pods/log" in API group "" in the namespace "y"`, and why, where an authorizer said so. */
function forbiddenMessage(attributes: Attributes, reason = ''): string {
  const { user, verb, path, group = '', resource = '', subresource = '', namespace } = attributes;
  const why = reason === '' ? '' : `: ${reason}`;
  if (path !== undefined) return `User ${quoted(user.name)} cannot ${verb} path ${quoted(path)}${why}`;
  const what = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace ? `in the namespace ${quoted(namespace)}` : 'at the cluster scope';
  return `User ${quoted(user.name)} cannot ${verb} resource ${quoted(what)} in API group ${quoted(group)} ${where}${why}`;
}

/** The answer to a request that was not allowed. */
export function forbiddenError(attributes: Attributes, reason = ''): StatusError {
  const message = forbiddenMessage(attributes, reason);
  if (attributes.path !== undefined) return refused.other(403, 'Forbidden', `forbidden: ${message}`, {});
  const { group = '', resource = '', name = '' } = attributes;
  return refused.forbidden({ group, resource }, name, message);
}

/** Throws {@link forbiddenError} unless the authorizer allows it. */
export function demand(authorizer: Authorizer, attributes: Attributes): void {
  const decision: Decision = authorizer.authorize(attributes);
  if (!decision.allowed) throw forbiddenError(attributes, decision.reason);
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
