import {
  ClusterRoleBindings,
  ClusterRoles,
  RoleBindings,
  Roles,
  type ClusterRole,
  type ClusterRoleBinding,
  type PolicyRule,
  type Role,
  type RoleBinding,
  type RoleRef,
  type Subject,
} from '../../api/rbac/v1/types.ts';
import type { ServerContext } from '../context.ts';
import type { Attributes, Decision, ImmediateAuthorizer, UserInfo } from './auth.ts';
import { BoundedMap } from '../../base/bounded-map.ts';
import { ruleAllows, subjectKey, subjectText } from './rbac-rules.ts';

/** One subject of one binding. */
interface SubjectBinding {
  /** Empty: in the whole cluster. */
  readonly namespace: string;
  readonly binding: string;
  readonly role: RoleRef;
  readonly subject: Subject;
}

/** What was decided for a user from roles and bindings as they were at a version. */
interface UserAnswers {
  readonly version: number;
  readonly answers: BoundedMap<string, Answer>;
}

/** The decision for one verb on one resource, for each object name that rules name. */
interface Answer {
  readonly anyName: Decision;
  readonly named: ReadonlyMap<string, Decision> | undefined;
}

/** The rules that a user has in a namespace (`''`: in the whole cluster only), and the roles that bindings name in vain. */
export interface RulesOfUser {
  readonly rules: readonly Readonly<PolicyRule>[];
  readonly errors: readonly string[];
}

/** Longer questions, whose words clients make up, are decided each time, in letters. */
const longestQuestion = 300;
/** Decisions of all users together; then all are forgotten. */
const mostRemembered = 65_536;

/**
 * Decides by roles and bindings. The tables follow the four kinds; what was decided for a user is remembered until any
 * of them changes, so that most decisions are one look into a map.
 */
export class RoleBasedAuthorizer implements ImmediateAuthorizer {
  readonly #rules = new Map<string, readonly PolicyRule[]>();
  /** By subject, then by namespace: those of other namespaces, which anybody may fill, cost nothing. */
  readonly #bindings = new Map<string, Map<string, Map<string, SubjectBinding>>>();
  #ofUsers = new WeakMap<UserInfo, UserAnswers>();
  /** Decisions since all were forgotten; those of users that are gone count too. */
  #remembered = 0;
  #version = 0;

  constructor(context: ServerContext) {
    context.follow(ClusterRoles, (now, before) => this.#setRole(now, before));
    context.follow(Roles, (now, before) => this.#setRole(now, before));
    context.follow(ClusterRoleBindings, (now, before) => this.#setBinding(now, before));
    context.follow(RoleBindings, (now, before) => this.#setBinding(now, before));
  }

  authorize(attributes: Attributes): Decision {
    const { answers } = this.#answersOf(attributes.user);
    const key = questionOf(attributes);
    const answer = answers.get(key) ?? answers.set(key, this.#decideAnew(attributes));
    return answer.named?.get(attributes.name ?? '') ?? answer.anyName;
  }

  /** Every rule that counts for the user in the namespace, from the cluster's bindings first. */
  rulesFor(user: UserInfo, namespace: string): RulesOfUser {
    const rules: PolicyRule[] = [];
    const errors: string[] = [];
    for (const one of this.#bindingsOf(user, namespace)) {
      const ofRole = this.rulesOfRole(one.role, one.namespace);
      if (ofRole === undefined) errors.push(missing(one.role));
      else rules.push(...ofRole);
    }
    return { rules, errors };
  }

  /** The rules of a role that a binding in `namespace` (`''`: of the cluster) names; `undefined` if there is none. */
  rulesOfRole(role: Readonly<RoleRef>, namespace: string): readonly PolicyRule[] | undefined {
    return this.#rules.get(role.kind === 'ClusterRole' ? role.name : `${namespace}/${role.name}`);
  }

  #decideAnew(attributes: Attributes): Answer {
    // Whoever has many identities must not fill the memory with what was decided for them.
    if (++this.#remembered > mostRemembered) {
      this.#remembered = 0;
      this.#ofUsers = new WeakMap();
    }
    return this.#decide(attributes);
  }

  #decide(attributes: Attributes): Answer {
    const named = new Map<string, Decision>();
    const errors: string[] = [];
    for (const one of this.#bindingsOf(attributes.user, attributes.namespace ?? '')) {
      const rules = this.rulesOfRole(one.role, one.namespace);
      if (rules === undefined) errors.push(missing(one.role));
      for (const rule of rules ?? []) {
        const names = attributes.path === undefined ? (rule.resourceNames ?? []) : [];
        if (!ruleAllows(names.length === 0 ? rule : { ...rule, resourceNames: [] }, attributes)) continue;
        const allowed: Decision = { allowed: true, reason: reasonOf(one) };
        if (names.length === 0) return { anyName: allowed, named: named.size > 0 ? named : undefined };
        for (const name of names) if (!named.has(name)) named.set(name, allowed);
      }
    }
    const reason = errors.length === 0 ? '' : `RBAC: ${joined(errors)}`;
    return { anyName: { allowed: false, denied: false, reason }, named: named.size > 0 ? named : undefined };
  }

  #answersOf(user: UserInfo): UserAnswers {
    const known = this.#ofUsers.get(user);
    if (known !== undefined && known.version === this.#version) return known;
    const answers = new BoundedMap<string, Answer>(2048, longestQuestion);
    const ofUser = { version: this.#version, answers };
    this.#ofUsers.set(user, ofUser);
    return ofUser;
  }

  /** The bindings of the cluster that name the user, then those of the namespace (`''`: none). */
  #bindingsOf(user: UserInfo, namespace: string): SubjectBinding[] {
    const found: SubjectBinding[] = [];
    for (const subject of new Set([`u ${user.name}`, ...user.groups.map((group) => `g ${group}`)])) {
      const places = this.#bindings.get(subject);
      for (const place of namespace === '' ? [''] : ['', namespace])
        for (const one of places?.get(place)?.values() ?? []) found.push(one);
    }
    return found.sort(clusterFirst);
  }

  #setRole(now: Readonly<Role | ClusterRole> | undefined, before: Readonly<Role | ClusterRole> | undefined): void {
    const { namespace, name } = (now ?? before)!.metadata;
    const key = namespace === undefined ? name : `${namespace}/${name}`;
    if (now === undefined) this.#rules.delete(key);
    else this.#rules.set(key, now.rules ?? []);
    this.#version++;
  }

  #setBinding(
    now: Readonly<RoleBinding | ClusterRoleBinding> | undefined,
    before: Readonly<RoleBinding | ClusterRoleBinding> | undefined,
  ): void {
    if (before !== undefined) this.#forget(before);
    if (now !== undefined) this.#learn(now);
    this.#version++;
  }

  #learn({ metadata, subjects = [], roleRef: role }: Readonly<RoleBinding | ClusterRoleBinding>): void {
    const { namespace = '', name: binding } = metadata;
    for (const subject of subjects) {
      const key = subjectKey(subject, namespace);
      if (key === '') continue;
      const places = mapIn(this.#bindings, key);
      const bindings = mapIn(places, namespace);
      // Whoever is named twice is granted no more.
      if (!bindings.has(binding)) bindings.set(binding, { namespace, binding, role, subject });
    }
  }

  #forget({ metadata, subjects = [] }: Readonly<RoleBinding | ClusterRoleBinding>): void {
    const { namespace = '', name: binding } = metadata;
    for (const subject of subjects) {
      const key = subjectKey(subject, namespace);
      const places = this.#bindings.get(key);
      const bindings = places?.get(namespace);
      bindings?.delete(binding);
      if (bindings?.size === 0) places!.delete(namespace);
      if (places?.size === 0) this.#bindings.delete(key);
    }
  }
}

/** The map at a key, which is made where there is none. */
function mapIn<K, V>(maps: Map<string, Map<K, V>>, key: string): Map<K, V> {
  let map = maps.get(key);
  if (map === undefined) maps.set(key, (map = new Map<K, V>()));
  return map;
}

function questionOf({ verb, path, group, resource, subresource, namespace }: Attributes): string {
  if (path !== undefined) return `${verb} ${path}`;
  return `${verb}\n${group ?? ''}\n${resource ?? ''}\n${subresource ?? ''}\n${namespace ?? ''}`;
}

function clusterFirst(a: SubjectBinding, b: SubjectBinding): number {
  return compare(a.namespace, b.namespace) || compare(a.binding, b.binding);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function reasonOf({ namespace, binding, role, subject }: SubjectBinding): string {
  const from = namespace === '' ? `ClusterRoleBinding "${binding}"` : `RoleBinding "${binding}/${namespace}"`;
  return `RBAC: allowed by ${from} of ${role.kind} "${role.name}" to ${subjectText(subject, namespace)}`;
}

function missing({ kind, name }: RoleRef): string {
  return `${kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(name)} not found`;
}

function joined(errors: readonly string[]): string {
  const distinct = [...new Set(errors)];
  return distinct.length === 1 ? distinct[0]! : `[${distinct.join(', ')}]`;
}
