import {
  MutatingAdmissionPolicies,
  MutatingAdmissionPolicyBindings,
  type MutatingAdmissionPolicy,
  type MutatingAdmissionPolicyBinding,
} from '../../../api/admissionregistration/v1/types.ts';
import { jsonEqual } from '../../../apimachinery/equality.ts';
import type { KubeObject } from '../../../apimachinery/object.ts';
import { StatusError, type StatusReason } from '../../../apimachinery/status.ts';
import { Turns } from '../../../base/turns.ts';
import type { Authorizer, ImmediateAuthorizer } from '../../auth/auth.ts';
import { immediately } from '../../auth/immediately.ts';
import type { ServerContext } from '../../context.ts';
import { inSteps, type Steps } from '../../../base/in-steps.ts';
import type { AdmissionPatch, AdmissionRequest } from '../admission.ts';
import type { Asked, ObjectVersions } from '../object-versions.ts';
import { notAdmitted } from '../refusal.ts';
import { requestValues } from '../request-values.ts';
import { CompiledMutatingPolicy } from './compiled-mutating-policy.ts';
import { ConfigurationError, parametersFor } from './parameters.ts';
import { PolicySet, type Applied } from './policy-set.ts';

type Mutating = Applied<CompiledMutatingPolicy, MutatingAdmissionPolicyBinding>;

interface Complaint {
  readonly message: string;
  readonly reason: StatusReason;
}

/** The mutating policies that are bound. */
export class MutatingPolicies {
  readonly #context: ServerContext;
  readonly #versions: ObjectVersions;
  readonly #authorizer: Authorizer;
  readonly #policies: PolicySet<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, CompiledMutatingPolicy>;

  constructor(context: ServerContext, versions: ObjectVersions, authorizer: Authorizer) {
    this.#context = context;
    this.#versions = versions;
    this.#authorizer = authorizer;
    this.#policies = new PolicySet(
      context,
      { policies: MutatingAdmissionPolicies, bindings: MutatingAdmissionPolicyBindings },
      (policy) => new CompiledMutatingPolicy(policy),
    );
  }

  mutate(request: AdmissionRequest): Promise<AdmissionPatch | undefined> | undefined {
    if (request.object === undefined) return undefined;
    const applied = this.#policies.of(request, this.#versions);
    return applied.length === 0 ? undefined : this.#mutate(applied, request, request.object);
  }

  /** One after the other; each sees what those before it made of the object. All that went wrong is told. */
  async #mutate(
    applied: readonly Mutating[],
    request: AdmissionRequest,
    before: KubeObject,
  ): Promise<AdmissionPatch | undefined> {
    const complaints: Complaint[] = [];
    let object = before;
    for (const one of applied) {
      if (request.isReinvocation === true && one.policy.spec.reinvocationPolicy !== 'IfNeeded') continue;
      const asked = await this.#versions.asked({ ...request, object }, one.type);
      const { made, problems } = await immediately(this.#authorizer, (now) =>
        inSteps(Turns.of(this.#context.clock), this.#made(one, asked, now)),
      );
      complaints.push(...problems);
      if (made !== asked.object) object = await this.#versions.converted(made, request.type);
    }
    if (complaints.length > 0) throw denied(request, complaints);
    return jsonEqual(before, object) ? undefined : { patch: [{ op: 'replace', path: '', value: object }] };
  }

  /** What a policy makes of the object with all its bindings. */
  *#made(
    { policy, bindings, type }: Mutating,
    asked: Asked,
    authorizer: ImmediateAuthorizer,
  ): Steps<{ readonly made: KubeObject; readonly problems: readonly Complaint[] }> {
    const complaints: Complaint[] = [];
    const structure = this.#versions.structureOf(type);
    const valuesOf = (object: KubeObject) => requestValues({ ...asked, object }, authorizer, this.#context);
    let object = asked.object!;
    for (const binding of bindings) {
      const bound = `policy '${policy.name}' with binding '${binding.metadata.name}' denied request`;
      try {
        for (const params of this.#parameters(policy, binding, asked.request)) {
          const mutated = yield* policy.mutate(object, params, structure, valuesOf);
          ({ object } = mutated);
          if (policy.ignoresFailures) continue;
          for (const problem of mutated.problems)
            complaints.push({ message: `${bound}: ${problem}`, reason: 'Invalid' });
        }
      } catch (error) {
        if (!(error instanceof ConfigurationError)) throw error;
        if (policy.ignoresFailures) continue;
        const whose = error.of === 'policy' ? `policy ${JSON.stringify(policy.name)} denied request` : bound;
        complaints.push({ message: `${whose}: ${error.message}`, reason: 'Forbidden' });
      }
    }
    return { made: object, problems: complaints };
  }

  #parameters({ spec }: CompiledMutatingPolicy, binding: MutatingAdmissionPolicyBinding, request: AdmissionRequest) {
    if (spec.paramKind === undefined) return [null];
    return parametersFor(spec.paramKind, binding.spec.paramRef, request, this.#versions, this.#context);
  }
}

/** The answer to a request that policies could not change as they have to: Forbidden, whatever the reason. */
function denied(request: AdmissionRequest, complaints: readonly Complaint[]): StatusError {
  const [{ message, reason }] = complaints as readonly [Complaint];
  const { status } = notAdmitted(request, message);
  const causes = complaints.map((one) => ({ message: one.message }));
  return new StatusError({ ...status, message, reason, details: { ...status.details, causes } });
}
