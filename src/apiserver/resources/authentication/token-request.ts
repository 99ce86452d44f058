import type { BoundObjectReference, TokenRequest } from '../../../api/authentication/v1/types.ts';
import { Nodes, Pods, Secrets, ServiceAccounts } from '../../../api/core/v1/types.ts';
import type { KubeObject } from '../../../apimachinery/object.ts';
import type { ResourceType } from '../../../apimachinery/resource-type.ts';
import { refused } from '../../../apimachinery/status.ts';
import { rfc3339 } from '../../../apimachinery/time.ts';
import { invalid, type FieldError } from '../../../apimachinery/validation.ts';
import { refuseTokenToOtherNodes } from '../../admission/node-restriction.ts';
import type { ServiceAccountTokens, TokenOrder, TokenReference } from '../../auth/service-account-token.ts';
import type { ServerContext } from '../../context.ts';
import type { VirtualResource } from '../../rest/virtual-resource.ts';

/** Has no resource of its own: only the subresource takes it. */
const TokenRequests: ResourceType<TokenRequest> = {
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenRequest',
  resource: 'tokenrequests',
  singular: 'tokenrequest',
  namespaced: true,
  definition: 'io.k8s.api.authentication.v1.TokenRequest',
};

const shortestSeconds = 600;
const longestSeconds = 2 ** 32;
/** What pods ask for that were given a token without asking: its holders may not know yet that tokens end. */
const forgivingSeconds = 3607;
const forgivenSeconds = 365 * 24 * 3600;

/** Gives out tokens of a service account: `serviceaccounts/token`. */
export function tokenRequest(tokens: ServiceAccountTokens): VirtualResource<TokenRequest> {
  return {
    type: TokenRequests,
    parent: { type: ServiceAccounts, subresource: 'token' },
    defaults(draft) {
      draft.spec ??= {};
      draft.spec.expirationSeconds ??= 3600;
    },
    create(draft, { user, namespace, name, context }) {
      const key = { namespace: namespace!, name: name! };
      refuseOtherName(draft.metadata?.name, key.name);
      const account = context.lookup(ServiceAccounts, key);
      if (account === undefined) throw refused.notFound(ServiceAccounts, key.name);
      refuseOtherAccount(draft.metadata?.uid, account);
      const { spec } = draft;
      if (!spec.audiences?.length) spec.audiences = [...context.config.audiences];
      refuseLifetime(spec.expirationSeconds!);
      refuseTokenToOtherNodes(user, key, spec.boundObjectRef, spec.audiences, context);
      const bound = spec.boundObjectRef ? boundTo(spec.boundObjectRef, key, context) : {};
      const now = context.clock.now();
      const token = tokens.issue({
        namespace: key.namespace,
        account: { name: key.name, uid: account.metadata.uid! },
        audiences: spec.audiences,
        ...lifetime(spec.expirationSeconds!, spec.audiences, bound, context),
        ...bound,
      });
      draft.metadata = {
        ...draft.metadata,
        ...key,
        uid: account.metadata.uid!,
        creationTimestamp: rfc3339(now),
      };
      // Written even when it is not set.
      spec.boundObjectRef ??= null as unknown as undefined;
      draft.status = { token, expirationTimestamp: rfc3339(now + spec.expirationSeconds! * 1000) };
      return draft;
    },
  };
}

function refuseOtherName(given: string | undefined, name: string): void {
  if (!given || given === name) return;
  throw refused.invalid(TokenRequests, name, [
    invalid('metadata.name', given, 'must match the service account name if specified'),
  ]);
}

/** Who asks for a token of one account does not get one of another that has taken its name. */
function refuseOtherAccount(given: string | undefined, { metadata: { name, uid } }: KubeObject): void {
  if (!given || given === uid) return;
  const { group, kind } = TokenRequests;
  throw refused.conflict(
    { group, resource: kind },
    name,
    `the UID in the token request (${given}) does not match the UID of the service account (${uid})`,
  );
}

function refuseLifetime(seconds: number): void {
  const field = 'spec.expirationSeconds';
  const errors: FieldError[] = [];
  if (seconds < shortestSeconds)
    errors.push(invalid(field, seconds, 'may not specify a duration less than 10 minutes'));
  if (seconds > longestSeconds)
    errors.push(invalid(field, seconds, 'may not specify a duration larger than 2^32 seconds'));
  if (errors.length > 0) throw refused.invalid(TokenRequests, '', errors);
}

function lifetime(
  seconds: number,
  audiences: readonly string[],
  bound: Pick<TokenOrder, 'pod'>,
  context: ServerContext,
): Pick<TokenOrder, 'lifetimeSeconds' | 'warnAfterSeconds'> {
  const forUs = audiences.every((audience) => context.config.audiences.includes(audience));
  if (seconds !== forgivingSeconds || !bound.pod || !forUs) return { lifetimeSeconds: seconds };
  return { lifetimeSeconds: forgivenSeconds, warnAfterSeconds: seconds };
}

function boundTo(
  reference: BoundObjectReference,
  account: { readonly namespace: string; readonly name: string },
  context: ServerContext,
): Pick<TokenOrder, 'pod' | 'secret' | 'node'> {
  const { apiVersion = '', kind = '' } = reference;
  const { namespace } = account;
  switch (`${apiVersion} ${kind}`) {
    case 'v1 Pod': {
      const pod = found(Pods, reference, namespace, context);
      if (pod.spec.serviceAccountName !== account.name)
        throw refused.badRequest(
          `cannot bind token for serviceaccount ${JSON.stringify(account.name)} to pod running with different serviceaccount name.`,
        );
      const { nodeName } = pod.spec;
      const node = nodeName
        ? { name: nodeName, uid: context.lookup(Nodes, { name: nodeName })?.metadata.uid ?? '' }
        : undefined;
      return { pod: referenceTo(pod, reference, kind), ...(node && { node }) };
    }
    case 'v1 Secret':
      return { secret: referenceTo(found(Secrets, reference, namespace, context), reference, kind) };
    case 'v1 Node':
      return { node: referenceTo(found(Nodes, reference, undefined, context), reference, kind) };
    default: {
      const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
      throw refused.badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${kind}`);
    }
  }
}

function found<T extends KubeObject>(
  type: ResourceType<T>,
  { name = '' }: BoundObjectReference,
  namespace: string | undefined,
  context: ServerContext,
): Readonly<T> {
  const object = context.lookup(type, namespace === undefined ? { name } : { namespace, name });
  if (object === undefined) throw refused.notFound(type, name);
  return object;
}

function referenceTo({ metadata }: Readonly<KubeObject>, { uid }: BoundObjectReference, kind: string): TokenReference {
  if (uid && uid !== metadata.uid) {
    const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
    throw refused.conflict({ group: '', resource: kind }, metadata.name, why);
  }
  return { name: metadata.name, uid: metadata.uid! };
}
