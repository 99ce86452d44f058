import { Namespaces } from '../../api/core/v1/types.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { authorizerValue, resourceCheckValue, type Authorize } from '../../cel/library/authorizer.ts';
import type { ImmediateAuthorizer, UserInfo } from '../auth/auth.ts';
import { serviceAccountGroups, serviceAccountUser } from '../auth/service-account.ts';
import type { ServerContext } from '../context.ts';
import type { Asked } from './object-versions.ts';
import { reviewRequest } from './webhooks/review.ts';

/** The variables of expressions about a request, beside its parameter. */
export function requestValues(
  asked: Asked,
  authorizer: ImmediateAuthorizer,
  context: ServerContext,
): Readonly<Record<string, unknown>> {
  const { request, type } = asked;
  // Nobody is asked by a uid here.
  const review = reviewRequest(asked, '');
  const { namespace, name, subresource, user } = request;
  const authorize = authorizeFor(user, authorizer);
  const isNamespace = type.group === '' && type.resource === 'namespaces';
  const of = isNamespace || namespace === undefined ? undefined : context.lookup(Namespaces, { name: namespace });
  return {
    object: review['object'],
    oldObject: review['oldObject'],
    request: review,
    namespaceObject: of ?? null,
    authorizer: authorizerValue(authorize),
    'authorizer.requestResource': resourceCheckValue(authorize, {
      group: request.type.group,
      resource: request.type.resource,
      ...(subresource !== undefined && { subresource }),
      ...(namespace !== undefined && { namespace }),
      ...(name !== '' && { name }),
    }),
  };
}

/** The same with a parameter, and without what may ask for rights where that is not wanted. */
export function valuesWith(
  values: Readonly<Record<string, unknown>>,
  params: Readonly<KubeObject> | null,
  hasAuthorizer: boolean,
): Readonly<Record<string, unknown>> {
  if (hasAuthorizer) return { ...values, params };
  const { object, oldObject, request, namespaceObject } = values;
  return { object, oldObject, request, namespaceObject, params };
}

function authorizeFor(user: UserInfo, authorizer: ImmediateAuthorizer): Authorize {
  return ({ serviceAccount, ...question }) => {
    const asking = serviceAccount === undefined ? user : accountUser(serviceAccount.namespace, serviceAccount.name);
    const decision = authorizer.authorize({ user: asking, ...question });
    const { allowed, reason } = decision;
    const error = decision.allowed ? undefined : decision.error;
    return { isAllowed: allowed, reason, ...(error !== undefined && { error }) };
  };
}

function accountUser(namespace: string, name: string): UserInfo {
  return {
    name: serviceAccountUser(namespace, name),
    groups: [...serviceAccountGroups(namespace), 'system:authenticated'],
  };
}
