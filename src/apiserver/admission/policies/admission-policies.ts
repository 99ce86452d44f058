import {
  ValidatingAdmissionPolicies,
  ValidatingAdmissionPolicyBindings,
  type ValidatingAdmissionPolicyBinding,
} from '../../../api/admissionregistration/v1/types.ts';
import { goJson } from '../../../apimachinery/go-text.ts';
import { StatusError } from '../../../apimachinery/status.ts';
import { Turns } from '../../../base/turns.ts';
import type { Authorizer, ImmediateAuthorizer } from '../../auth/auth.ts';
import { immediately } from '../../auth/immediately.ts';
import type { ServerContext } from '../../context.ts';
import { inSteps, type Steps } from '../../../base/in-steps.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import type { Asked, ObjectVersions } from '../object-versions.ts';
import { notAdmitted } from '../refusal.ts';
import { CompiledValidatingPolicy, type Denial, type Reason } from './compiled-validating-policy.ts';
import { MutatingPolicies } from './mutating-policies.ts';
import { ConfigurationError, parametersFor } from './parameters.ts';
import { PolicySet, type Applied } from './policy-set.ts';
import { requestValues } from '../request-values.ts';

type Validating = Applied<CompiledValidatingPolicy, ValidatingAdmissionPolicyBinding>;

/** What the client is told of a denial. */
interface Complaint {
  readonly message: string;
  readonly reason: Reason;
}

/** What policies say, and what they have to tell when that is all. */
interface Verdicts {
  readonly told: readonly (() => void)[];
  readonly complaints: readonly Complaint[];
}

const codes: Record<Reason, number> = { Forbidden: 403, Invalid: 422, RequestEntityTooLarge: 413 };

/** Asks the policies that are bound (docs/adr/0033). */
export class AdmissionPolicies {
  readonly mutating: AdmissionPlugin;
  readonly validating: AdmissionPlugin;
  readonly #context: ServerContext;
  readonly #versions: ObjectVersions;
  readonly #authorizer: Authorizer;
  #isOpen = false;

  constructor(context: ServerContext, versions: ObjectVersions, authorizer: Authorizer) {
    this.#context = context;
    this.#versions = versions;
    this.#authorizer = authorizer;
    const validating = new PolicySet(
      context,
      { policies: ValidatingAdmissionPolicies, bindings: ValidatingAdmissionPolicyBindings },
      (policy) => new CompiledValidatingPolicy(policy),
    );
    const mutating = new MutatingPolicies(context, versions, authorizer);
    this.mutating = {
      name: 'MutatingAdmissionPolicy',
      mutate: (request) => (this.#isOpen ? mutating.mutate(request) : undefined),
    };
    this.validating = {
      name: 'ValidatingAdmissionPolicy',
      validate: (request) => {
        if (!this.#isOpen) return undefined;
        const applied = validating.of(request, versions);
        return applied.length === 0 ? undefined : this.#validate(applied, request);
      },
    };
  }

  /** From now on they are asked: what a server needs to start depends on none of them. */
  open(): void {
    this.#isOpen = true;
  }

  /** At once, unless the object has to be converted. All are asked, as others warn; the first complaint is heard. */
  #validate(applied: readonly Validating[], request: AdmissionRequest): void | Promise<void> {
    const asked = applied.map(({ type }) => this.#versions.asked(request, type));
    const verdicts = (all: readonly Asked[]) =>
      immediately(this.#authorizer, (now) =>
        inSteps(Turns.of(this.#context.clock), this.#verdicts(applied, all, request, now)),
      );
    const tell = ({ told, complaints: [first] }: Verdicts): void => {
      for (const one of told) one();
      if (first !== undefined) throw denied(request, first);
    };
    const judge = (all: readonly Asked[]): void | Promise<void> => {
      const found = verdicts(all);
      return found instanceof Promise ? found.then(tell) : tell(found);
    };
    const mustWait = asked.some((one) => one instanceof Promise);
    return mustWait ? Promise.all(asked.map(async (one) => one)).then(judge) : judge(asked as readonly Asked[]);
  }

  *#verdicts(
    applied: readonly Validating[],
    all: readonly Asked[],
    request: AdmissionRequest,
    now: ImmediateAuthorizer,
  ): Steps<Verdicts> {
    const told: (() => void)[] = [];
    const quiet = withheld(request, told);
    const complaints: Complaint[] = [];
    for (const [at, one] of applied.entries())
      complaints.push(...(yield* this.#complaints(one, { ...all[at]!, request: quiet }, now)));
    return { told, complaints };
  }

  *#complaints(
    { policy, bindings }: Validating,
    asked: Asked,
    authorizer: ImmediateAuthorizer,
  ): Steps<readonly Complaint[]> {
    const { request } = asked;
    const values = requestValues(asked, authorizer, this.#context);
    const annotations = new Map<string, Set<string>>();
    const complaints: Complaint[] = [];
    for (const binding of bindings) {
      const { name = '' } = binding.metadata;
      const by = `ValidatingAdmissionPolicy '${policy.name}'`;
      const bound = `${by} with binding '${name}'`;
      try {
        for (const params of this.#parameters(policy, binding, request)) {
          const verdict = yield* policy.verdict(values, params);
          for (const denial of verdict.denials) {
            const { actions, message } = this.#act(policy.name, binding, denial, request);
            if (actions.includes('Deny'))
              complaints.push({ message: `${bound} denied request: ${message}`, reason: denial.reason });
          }
          for (const problem of verdict.annotationProblems)
            complaints.push({ message: `${by} denied request: ${problem}`, reason: 'Invalid' });
          for (const { key, value } of verdict.annotations)
            annotations.set(key, (annotations.get(key) ?? new Set()).add(value));
        }
      } catch (error) {
        if (!(error instanceof ConfigurationError)) throw error;
        if (policy.ignoresFailures) continue;
        const whose = error.of === 'policy' ? by : bound;
        complaints.push({ message: `${whose} denied request: ${error.message}`, reason: 'Invalid' });
      }
    }
    for (const [key, said] of annotations) request.annotate(`${policy.name}/${key}`, [...said].join(', '));
    return complaints;
  }

  #parameters(
    { spec }: CompiledValidatingPolicy,
    binding: ValidatingAdmissionPolicyBinding,
    request: AdmissionRequest,
  ) {
    if (spec.paramKind === undefined) return [null];
    return parametersFor(spec.paramKind, binding.spec.paramRef, request, this.#versions, this.#context);
  }

  /** Does what a binding wants done about a denial, but for the denial itself. */
  #act(
    policy: string,
    { metadata, spec }: ValidatingAdmissionPolicyBinding,
    denial: Denial,
    request: AdmissionRequest,
  ) {
    const { name: binding = '' } = metadata;
    const { validationActions: actions } = spec;
    const { message, index } = denial;
    if (actions.includes('Warn'))
      request.warn(`Validation failed for ValidatingAdmissionPolicy '${policy}' with binding '${binding}': ${message}`);
    if (actions.includes('Audit'))
      request.annotate(
        'validation.policy.admission.k8s.io/validation_failure',
        goJson([{ message, policy, binding, expressionIndex: index, validationActions: actions }]),
      );
    return { actions, message };
  }
}

/** The answer to a request that a policy does not want: Forbidden in its words, with the policy's reason. */
function denied(request: AdmissionRequest, { message, reason }: Complaint): StatusError {
  const { status } = notAdmitted(request, message);
  return new StatusError({
    ...status,
    reason,
    code: codes[reason],
    details: { ...status.details, causes: [{ message }] },
  });
}

/** The same request, whose warnings and annotations wait in `told`: what is judged again must say nothing twice. */
function withheld(request: AdmissionRequest, told: (() => void)[]): AdmissionRequest {
  return {
    ...request,
    warn: (text) => void told.push(() => request.warn(text)),
    annotate: (key, value) => void told.push(() => request.annotate(key, value)),
  };
}
