import type {
  MatchCondition,
  MatchResources,
  ParamKind,
  ParamRef,
  Variable,
} from '../../../api/admissionregistration/v1/types.ts';
import type { KubeObject } from '../../../apimachinery/object.ts';
import type { ResourceType } from '../../../apimachinery/resource-type.ts';
import type { ServerContext } from '../../context.ts';
import type { AdmissionRequest } from '../admission.ts';
import type { ObjectVersions } from '../object-versions.ts';
import { PolicyMatch } from './policy-match.ts';

/** What policies of both kinds have in common. */
export interface Policy extends KubeObject {
  spec: {
    failurePolicy?: 'Fail' | 'Ignore';
    matchConditions?: MatchCondition[];
    matchConstraints?: MatchResources;
    paramKind?: ParamKind;
    variables?: Variable[];
  };
}

export interface Binding extends KubeObject {
  spec: { matchResources?: MatchResources; paramRef?: ParamRef; policyName?: string };
}

/** A policy that has a say in a request, with the bindings that say so. */
export interface Applied<C, B extends Binding> {
  readonly policy: C;
  /** As one for objects of which version the request is seen. */
  readonly type: ResourceType;
  readonly bindings: readonly Readonly<B>[];
}

interface Known<C> {
  readonly compiled: C;
  readonly match: PolicyMatch;
}

interface Bound<B extends Binding> {
  readonly binding: Readonly<B>;
  readonly match: PolicyMatch;
}

const nobody: readonly never[] = [];

const ownKinds = new Set([
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
]);

/** No policy has a say in policies, or nobody could end a bad one. */
function isOwn({ group, resource }: ResourceType): boolean {
  return group === 'admissionregistration.k8s.io' && ownKinds.has(resource);
}

/** The policies of one of the two kinds that are bound, ready to be asked, in the order of their names. */
export class PolicySet<P extends Policy, B extends Binding, C> {
  readonly #context: ServerContext;
  readonly #policies = new Map<string, Known<C>>();
  readonly #bindings = new Map<string, Bound<B>>();
  #inOrder: readonly (Known<C> & { readonly bound: readonly Bound<B>[] })[] = [];

  constructor(
    context: ServerContext,
    types: { readonly policies: ResourceType<P>; readonly bindings: ResourceType<B> },
    compile: (policy: Readonly<P>) => C,
  ) {
    this.#context = context;
    context.follow(types.policies, (now, before) => {
      const { name = '' } = (now ?? before)!.metadata;
      this.#policies.delete(name);
      if (now?.spec)
        this.#policies.set(name, { compiled: compile(now), match: new PolicyMatch(now.spec.matchConstraints ?? {}) });
      this.#order();
    });
    context.follow(types.bindings, (now, before) => {
      const { name = '' } = (now ?? before)!.metadata;
      this.#bindings.delete(name);
      if (now?.spec) this.#bindings.set(name, { binding: now, match: new PolicyMatch(now.spec.matchResources ?? {}) });
      this.#order();
    });
  }

  #order(): void {
    const bindings = [...this.#bindings.keys()].sort().map((name) => this.#bindings.get(name)!);
    const ofPolicy = Map.groupBy(bindings, ({ binding }) => binding.spec.policyName ?? '');
    this.#inOrder = [...this.#policies.keys()].sort().flatMap((name) => {
      const bound = ofPolicy.get(name);
      return bound === undefined ? [] : [{ ...this.#policies.get(name)!, bound }];
    });
  }

  /** Those that have a say in a request; empty for most. */
  of(request: AdmissionRequest, versions: ObjectVersions): readonly Applied<C, B>[] {
    if (this.#inOrder.length === 0 || isOwn(request.type)) return nobody;
    const applied: Applied<C, B>[] = [];
    for (const { compiled, match, bound } of this.#inOrder) {
      const type = match.typeFor(request, versions, this.#context);
      if (type === undefined) continue;
      const bindings = bound.filter((one) => one.match.typeFor(request, versions, this.#context) !== undefined);
      if (bindings.length > 0)
        applied.push({ policy: compiled, type, bindings: bindings.map(({ binding }) => binding) });
    }
    return applied;
  }
}
