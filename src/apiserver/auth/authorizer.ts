import { refused, type StatusError } from '../../apimachinery/status.ts';
import type { Attributes, Authorizer, Decision, ImmediateAuthorizer } from './auth.ts';

/** Members of `system:masters` may do everything, whatever the stored roles say. */
export const superuserAuthorizer: ImmediateAuthorizer = {
  authorize: ({ user }) =>
    user.groups.includes('system:masters')
      ? { allowed: true, reason: '' }
      : { allowed: false, denied: false, reason: '' },
};

/**
 * Asks each authorizer in turn; the first that allows or denies decides. What nobody allows is refused, for all their
 * reasons.
 */
export function unionAuthorizer(authorizers: readonly ImmediateAuthorizer[]): ImmediateAuthorizer;
export function unionAuthorizer(authorizers: readonly Authorizer[]): Authorizer;
export function unionAuthorizer(authorizers: readonly Authorizer[]): Authorizer {
  function ask(attributes: Attributes, from: number, earlier: readonly Refusal[]): Decision | Promise<Decision> {
    let refusals = earlier;
    for (let i = from; i < authorizers.length; i++) {
      const decision = authorizers[i]!.authorize(attributes);
      if (decision instanceof Promise)
        return decision.then((one) => (decides(one) ? one : ask(attributes, i + 1, [...refusals, one])));
      if (decides(decision)) return decision;
      if (decision.reason !== '' || decision.error !== undefined) refusals = [...refusals, decision];
    }
    return together(refusals);
  }
  return { authorize: (attributes) => ask(attributes, 0, []) };
}

type Refusal = Extract<Decision, { readonly allowed: false }>;

function decides(decision: Decision): decision is Exclude<Decision, Refusal> | (Refusal & { readonly denied: true }) {
  return decision.allowed || decision.denied;
}

const silent: Refusal = { allowed: false, denied: false, reason: '' };

function together(refusals: readonly Refusal[]): Refusal {
  if (refusals.length === 0) return silent;
  const reason = refusals
    .map((one) => one.reason)
    .filter((one) => one !== '')
    .join('\n');
  const errors = refusals.flatMap(({ error }) => (error === undefined ? [] : [error]));
  const error = errors.length > 1 ? `[${errors.join(', ')}]` : errors[0];
  return { ...silent, reason, ...(error !== undefined && { error }) };
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

/** Throws {@link forbiddenError} unless the authorizer allows it, and InternalError where it cannot say. */
export function demand(authorizer: ImmediateAuthorizer, attributes: Attributes): void;
export function demand(authorizer: Authorizer, attributes: Attributes): void | Promise<void>;
export function demand(authorizer: Authorizer, attributes: Attributes): void | Promise<void> {
  const decision = authorizer.authorize(attributes);
  if (decision instanceof Promise) return decision.then((one) => refuseUnlessAllowed(one, attributes));
  refuseUnlessAllowed(decision, attributes);
}

function refuseUnlessAllowed(decision: Decision, attributes: Attributes): void {
  if (decision.allowed) return;
  if (decision.error !== undefined) throw refused.internal(decision.error);
  throw forbiddenError(attributes, decision.reason);
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
