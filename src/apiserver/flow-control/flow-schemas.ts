import type {
  FlowSchema,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from '../../api/flowcontrol/v1/types.ts';
import type { UserInfo } from '../auth/auth.ts';
import { holds } from '../auth/rbac-rules.ts';
import { accountOfUser } from '../auth/service-account.ts';
import type { ResourceTarget, Target } from '../request/target.ts';

interface Candidate {
  readonly schema: Readonly<FlowSchema>;
  /** Those that have a subject which the user is. */
  readonly rules: readonly Readonly<PolicyRulesWithSubjects>[];
}

/** Which flow schema a request belongs to: the first by precedence, then by name, that has a rule for it. */
export class FlowSchemaMatcher {
  readonly #schemas: readonly Readonly<FlowSchema>[];
  readonly #ofUsers = new WeakMap<UserInfo, readonly Candidate[]>();

  constructor(schemas: Iterable<Readonly<FlowSchema>>) {
    this.#schemas = [...schemas].sort(
      (a, b) => rankOf(a) - rankOf(b) || ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1),
    );
  }

  match(user: UserInfo, target: Target): Readonly<FlowSchema> | undefined {
    let candidates = this.#ofUsers.get(user);
    if (candidates === undefined) this.#ofUsers.set(user, (candidates = this.#candidatesOf(user)));
    return candidates.find(({ rules }) => rules.some((rule) => covers(rule, target)))?.schema;
  }

  #candidatesOf(user: UserInfo): readonly Candidate[] {
    return this.#schemas
      .map((schema) => ({
        schema,
        rules: (schema.spec.rules ?? []).filter(({ subjects }) => subjects.some((one) => isSubject(user, one))),
      }))
      .filter(({ rules }) => rules.length > 0);
  }
}

function rankOf({ spec }: Readonly<FlowSchema>): number {
  return spec.matchingPrecedence ?? 0;
}

function isSubject(user: UserInfo, subject: Readonly<Subject>): boolean {
  if (subject.kind === 'User') return isOrAll(subject.user?.name, user.name);
  if (subject.kind === 'Group') return subject.group?.name === '*' || user.groups.includes(subject.group?.name ?? '');
  const account = accountOfUser(user.name);
  const { name, namespace } = subject.serviceAccount ?? {};
  return account !== undefined && account.namespace === namespace && isOrAll(name, account.name);
}

function isOrAll(wanted: string | undefined, value: string): boolean {
  return wanted === '*' || wanted === value;
}

function covers(
  { resourceRules = [], nonResourceRules = [] }: Readonly<PolicyRulesWithSubjects>,
  target: Target,
): boolean {
  return target.isResource
    ? resourceRules.some((rule) => coversResource(rule, target))
    : nonResourceRules.some((rule) => coversPath(rule, target));
}

function coversResource(rule: Readonly<ResourcePolicyRule>, target: ResourceTarget): boolean {
  const { verb, group, resource, subresource, namespace } = target;
  if (!holds(rule.verbs, verb) || !holds(rule.apiGroups, group)) return false;
  if (!holds(rule.resources, subresource === undefined ? resource : `${resource}/${subresource}`)) return false;
  return namespace === undefined ? rule.clusterScope === true : holds(rule.namespaces ?? [], namespace);
}

function coversPath({ verbs, nonResourceURLs }: Readonly<NonResourcePolicyRule>, { verb, path }: Target): boolean {
  return (
    holds(verbs, verb) &&
    nonResourceURLs.some(
      (one) => one === '*' || one === path || (one.endsWith('/*') && path.startsWith(one.slice(0, -1))),
    )
  );
}
