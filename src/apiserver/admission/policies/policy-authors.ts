import {
  MutatingAdmissionPolicies,
  ValidatingAdmissionPolicies,
  type ParamKind,
} from '../../../api/admissionregistration/v1/types.ts';
import { jsonEqual } from '../../../apimachinery/equality.ts';
import { refused } from '../../../apimachinery/status.ts';
import { forbidden } from '../../../apimachinery/validation.ts';
import type { Attributes, Authorizer, UserInfo } from '../../auth/auth.ts';
import type { ServerContext } from '../../context.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import type { ObjectVersions } from '../object-versions.ts';
import type { Binding, Policy } from './policy-set.ts';

const group = 'admissionregistration.k8s.io';

/**
 * Who writes a policy or a binding must be allowed to read its parameters: what an expression makes of them is shown to
 * those whom it refuses.
 */
export function policyAuthors(authorizer: Authorizer, versions: ObjectVersions): AdmissionPlugin {
  const mayDo = async (attributes: Attributes): Promise<boolean> => (await authorizer.authorize(attributes)).allowed;

  /** What a kind of parameters is called in rules; a star for what nobody knows. */
  function placeOf(paramKind: Readonly<ParamKind> | undefined) {
    const { apiVersion = '', kind = '' } = paramKind ?? {};
    if (paramKind === undefined) return { group: '*', version: '*', resource: '*' };
    const slash = apiVersion.indexOf('/');
    const type = versions.ofKind(apiVersion, kind);
    return {
      group: slash < 0 ? '' : apiVersion.slice(0, slash),
      version: apiVersion.slice(slash + 1),
      resource: type?.resource ?? '*',
    };
  }

  async function policyProblem({ user, object, old }: AdmissionRequest): Promise<string | undefined> {
    const { paramKind } = (object as Policy).spec;
    if (paramKind === undefined || jsonEqual(paramKind, (old as Policy | undefined)?.spec.paramKind)) return undefined;
    if (await mayDo({ user, verb: 'get', name: '*', namespace: '*', ...placeOf(paramKind) })) return undefined;
    return `user ${goUser(user)} must have "get" permission on all objects of the referenced paramKind (kind=${paramKind.kind}, apiVersion=${paramKind.apiVersion})`;
  }

  async function bindingProblem(
    { type, user, object }: AdmissionRequest,
    context: ServerContext,
  ): Promise<string | undefined> {
    const { paramRef, policyName = '' } = (object as Binding).spec;
    if (paramRef === undefined) return undefined;
    const isMutating = type.resource === 'mutatingadmissionpolicybindings';
    const policies = isMutating ? MutatingAdmissionPolicies : ValidatingAdmissionPolicies;
    const policy = context.lookup<Policy>(policies, { name: policyName });
    const place = placeOf(policy?.spec.paramKind);
    const { name = '', namespace = '' } = paramRef;
    const verb = name === '' ? 'list' : 'get';
    if (await mayDo({ user, verb, name, namespace, ...place })) return undefined;
    const who = goUser(user);
    const rights = `to determine minimum required permissions and user ${who} does not have "${verb}" permission for all groups, versions and resources`;
    if (policy === undefined) return `unable to get policy ${policyName} ${rights}`;
    const { paramKind } = policy.spec;
    if (paramKind !== undefined && place.resource === '*')
      return `unable to resolve paramKind &ParamKind{APIVersion:${paramKind.apiVersion},Kind:${paramKind.kind},} ${rights}`;
    // As upstream, which has the two the wrong way round for those that change objects.
    const [first, second] = isMutating ? [verb, who] : [who, verb];
    return `user ${first} does not have "${second}" permission on the object referenced by paramRef`;
  }

  return {
    name: 'PolicyAuthors',
    validate(request, context) {
      const { type, operation, subresource, user, object, name } = request;
      if (type.group !== group || !type.resource.includes('admissionpolic') || subresource !== undefined) return;
      if (operation === 'DELETE' || object === undefined || user.groups.includes('system:masters')) return;
      const isBinding = type.resource.endsWith('bindings');
      const field = isBinding ? 'spec.paramRef' : 'spec.paramKind';
      return (isBinding ? bindingProblem(request, context) : policyProblem(request)).then((problem) => {
        if (problem !== undefined) throw refused.invalid(type, name, [forbidden(field, problem)]);
      });
    },
  };
}

/** A user as Go prints one. */
function goUser({ name, uid = '', groups, extra = {} }: UserInfo): string {
  const more = Object.entries(extra)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, values]) => `${key}:[${values.join(' ')}]`);
  return `&{${name} ${uid} [${groups.join(' ')}] map[${more.join(' ')}]}`;
}
