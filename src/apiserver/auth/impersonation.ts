import { isStatus, refused, type StatusError } from '../../apimachinery/status.ts';
import type { Attributes, Authorizer, ImmediateAuthorizer, UserInfo } from './auth.ts';
import { demand, forbiddenError } from './authorizer.ts';
import { BoundedMap } from '../../base/bounded-map.ts';
import { extraKey } from './extra-key.ts';
import { immediately } from './immediately.ts';
import { accountOfUser, nodeOfUser, serviceAccountGroups } from './service-account.ts';

/** Whom a request asks to act as: just what its headers say. */
export type WantedUser = UserInfo;

const extraPrefix = 'impersonate-extra-';

/**
 * Reads the `Impersonate-*` headers. `headers` is the flat list of names and values as they came, because groups are
 * repeated headers. Throws Bad Request for groups, a uid or extras without a user.
 */
export function wantedUser(headers: readonly string[]): WantedUser | undefined {
  let name = '';
  let uid = '';
  const groups: string[] = [];
  const extra: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  let asked = false;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const header = headers[i]!;
    if (header.length < 13 || (header[0] !== 'i' && header[0] !== 'I')) continue;
    const lower = header.toLowerCase();
    if (!lower.startsWith('impersonate-')) continue;
    const value = headers[i + 1]!;
    if (lower === 'impersonate-user') name ||= value;
    else if (lower === 'impersonate-uid') uid ||= value;
    else if (lower === 'impersonate-group') groups.push(value);
    else if (lower.startsWith(extraPrefix)) (extra[extraKey(lower.slice(extraPrefix.length))] ??= []).push(value);
    else continue;
    asked ||= value !== '' || lower === 'impersonate-group' || lower.startsWith(extraPrefix);
  }
  if (!asked) return undefined;
  if (name === '')
    throw refused.badRequest('requested groups, a uid or extras of another user without impersonating a user name');
  const more = Object.keys(extra).length > 0 ? { extra } : {};
  return { name, groups, ...(uid !== '' && { uid }), ...more };
}

/** One way in which the right to act as another can be held. */
interface Mode {
  readonly name: string;
  applies(wanted: WantedUser, requestor: UserInfo): boolean;
}

const onlyName = ({ uid, groups, extra }: WantedUser) =>
  uid === undefined && groups.length === 0 && extra === undefined;

/** From the narrowest right to the widest; `legacy` is the verb `impersonate`, which covers every request. */
const modes: readonly Mode[] = [
  {
    name: 'associated-node',
    applies(wanted, requestor) {
      const node = nodeOfUser(wanted.name);
      const home = requestor.extra?.['authentication.kubernetes.io/node-name'];
      if (node === undefined || !onlyName(wanted) || accountOfUser(requestor.name) === undefined) return false;
      return home?.length === 1 && home[0] === node;
    },
  },
  { name: 'arbitrary-node', applies: (wanted) => onlyName(wanted) && nodeOfUser(wanted.name) !== undefined },
  { name: 'serviceaccount', applies: (wanted) => onlyName(wanted) && accountOfUser(wanted.name) !== undefined },
  {
    name: 'user-info',
    applies: ({ name }) => nodeOfUser(name) === undefined && accountOfUser(name) === undefined,
  },
  { name: 'legacy', applies: () => true },
];

/**
 * Decides who may act as whom. Two rights are needed for the constrained modes: to be that user, and to do this very
 * thing as such a user (`impersonate-on:<mode>:<verb>`). The mode that let a user in last is tried first, and its refusal
 * is the one reported.
 */
export class Impersonation {
  readonly #authorizer: Authorizer;
  readonly #lastMode = new BoundedMap<string, Mode>(1024);

  constructor(authorizer: Authorizer) {
    this.#authorizer = authorizer;
  }

  /** The user as whom the request goes on. `attributes` is the request as the real user makes it. Throws Forbidden. */
  become(wanted: WantedUser, attributes: Attributes): UserInfo | Promise<UserInfo> {
    return immediately(this.#authorizer, (now) => this.#become(now, wanted, attributes));
  }

  #become(authorizer: ImmediateAuthorizer, wanted: WantedUser, attributes: Attributes): UserInfo {
    const requestor = attributes.user;
    const last = this.#lastMode.get(requestor.name);
    let refusal: StatusError | undefined;
    for (const mode of last === undefined ? modes : [last, ...modes.filter((mode) => mode !== last)]) {
      if (!mode.applies(wanted, requestor)) continue;
      try {
        const user = check(authorizer, mode.name, wanted, attributes);
        this.#lastMode.set(requestor.name, mode);
        return user;
      } catch (error) {
        if (!isStatus(error)) throw error;
        refusal ??= error;
      }
    }
    throw refusal ?? refused.internal('no way to impersonate applies');
  }
}

function check(authorizer: ImmediateAuthorizer, mode: string, wanted: WantedUser, attributes: Attributes): UserInfo {
  const legacy = mode === 'legacy';
  const requestor = mode === 'associated-node' ? withoutPlace(attributes.user) : attributes.user;
  if (!legacy)
    demand(authorizer, { ...attributes, user: requestor, verb: `impersonate-on:${mode}:${attributes.verb}` });
  for (const right of rightsFor(mode, wanted, requestor)) {
    if (!legacy) refuseWhatNoRuleGives(right);
    demand(authorizer, right);
  }
  return impersonated(wanted, legacy);
}

/** What the requestor must be allowed to be, one part of the wanted user at a time. */
function rightsFor(mode: string, wanted: WantedUser, user: UserInfo): Attributes[] {
  const legacy = mode === 'legacy';
  const verb = legacy ? 'impersonate' : `impersonate:${mode}`;
  const identity = { user, verb, version: 'v1', group: legacy ? '' : 'authentication.k8s.io' };
  const detail = { user, verb, version: 'v1', group: 'authentication.k8s.io' };
  const account = accountOfUser(wanted.name);
  const node = legacy ? undefined : nodeOfUser(wanted.name);
  const rights: Attributes[] = [];
  if (account !== undefined) rights.push({ ...identity, resource: 'serviceaccounts', ...account });
  else if (node !== undefined)
    rights.push({ ...identity, resource: 'nodes', name: mode === 'associated-node' ? '*' : node });
  else rights.push({ ...identity, resource: 'users', name: wanted.name });
  if (wanted.uid !== undefined) rights.push({ ...detail, resource: 'uids', name: wanted.uid });
  for (const name of wanted.groups) rights.push({ ...identity, resource: 'groups', name });
  for (const [subresource, values] of Object.entries(wanted.extra ?? {}))
    for (const name of values) rights.push({ ...detail, resource: 'userextras', subresource, name });
  return rights;
}

/** The constrained modes never give the superusers' group, nor empty names. */
function refuseWhatNoRuleGives(right: Attributes): void {
  if (right.resource === 'groups' && right.name === 'system:masters')
    throw forbiddenError(right, 'impersonating the system:masters group is not allowed');
  if (right.resource === 'groups' && right.name === '')
    throw forbiddenError(right, 'impersonating the empty string group is not allowed');
  if (right.resource === 'userextras' && (right.subresource === '' || right.name === ''))
    throw forbiddenError(right, 'impersonating an empty key or value in extra is not allowed');
}

function impersonated(wanted: WantedUser, legacy: boolean): UserInfo {
  const account = accountOfUser(wanted.name);
  const groups = [...wanted.groups];
  if (account !== undefined && groups.length === 0) groups.push(...serviceAccountGroups(account.namespace));
  if (!legacy && nodeOfUser(wanted.name) !== undefined) groups.push('system:nodes');
  if (wanted.name === 'system:anonymous') add(groups, 'system:unauthenticated');
  else if (!groups.includes('system:unauthenticated')) add(groups, 'system:authenticated');
  return { ...wanted, groups };
}

function add(groups: string[], group: string): void {
  if (!groups.includes(group)) groups.push(group);
}

/** What an account may do as its node must not hang on which node that is, so authorizers do not see it. */
function withoutPlace(user: UserInfo): UserInfo {
  const keys = Object.keys(user.extra ?? {}).sort();
  return { ...user, extra: { 'authentication.kubernetes.io/associated-node-keys': keys } };
}
