import { jsonEqual } from '../../../apimachinery/equality.ts';
import { goJson } from '../../../apimachinery/go-text.ts';
import type { KubeObject } from '../../../apimachinery/object.ts';
import { applyJsonPatch } from '../../../apimachinery/patch/json-patch.ts';
import type { ResourceType } from '../../../apimachinery/resource-type.ts';
import { labelSelectorOf } from '../../../apimachinery/selectors/label-selector.ts';
import { refused, StatusError, type Status } from '../../../apimachinery/status.ts';
import { inSteps } from '../../../base/in-steps.ts';
import { Turns } from '../../../base/turns.ts';
import type { Authorizer } from '../../auth/auth.ts';
import { immediately } from '../../auth/immediately.ts';
import type { ServerContext } from '../../context.ts';
import { reviewVersions, type Webhook } from '../../resources/admissionregistration/webhooks.ts';
import type { AdmissionRequest } from '../admission.ts';
import type { Asked } from '../object-versions.ts';
import { Conditions } from '../policies/conditions.ts';
import { notAdmitted } from '../refusal.ts';
import { requestValues } from '../request-values.ts';
import type { AskedWebhook, WebhookMetrics } from '../../http/webhook-metrics.ts';
import { AnswerError, WebhookConnection } from './connection.ts';
import { isSelected, ruleCovers, type Selectors } from './matching.ts';
import { readReview, reviewOf, reviewRequest, type ReviewResponse } from './review.ts';

/** What webhooks need of the server. */
export interface WebhookParts {
  readonly context: ServerContext;
  readonly authorizer: Authorizer;
  readonly metrics: WebhookMetrics;
}

/** A question among those about a request, as audit names it. */
interface Place {
  /** 1: the webhook is asked again. */
  readonly round: 0 | 1;
  readonly index: number;
}

/** One webhook, ready to be asked. */
export class CompiledWebhook implements Disposable {
  readonly #webhook: Readonly<Webhook>;
  readonly #configuration: string;
  readonly #isMutating: boolean;
  readonly #context: ServerContext;
  readonly #authorizer: Authorizer;
  readonly #selectors: Selectors;
  /** Absent where it is asked whatever the request says. */
  readonly #conditions: Conditions | undefined;
  readonly #connection: WebhookConnection;
  readonly #metrics: WebhookMetrics;

  /** `configuration`: the name of that which it is of. */
  constructor(
    webhook: Readonly<Webhook>,
    configuration: string,
    isMutating: boolean,
    { context, authorizer, metrics }: WebhookParts,
  ) {
    this.#metrics = metrics;
    this.#webhook = webhook;
    this.#configuration = configuration;
    this.#isMutating = isMutating;
    this.#context = context;
    this.#authorizer = authorizer;
    this.#selectors = {
      ofNamespace: labelSelectorOf(webhook.namespaceSelector ?? {}),
      ofObject: labelSelectorOf(webhook.objectSelector ?? {}),
    };
    const { matchConditions = [] } = webhook;
    this.#conditions = matchConditions.length === 0 ? undefined : new Conditions(matchConditions, false);
    this.#connection = new WebhookConnection(webhook.clientConfig, context);
  }

  /** In its configuration, where there is one of this name. */
  get name(): string {
    return this.#webhook.name;
  }

  isOf(webhook: Readonly<Webhook>): boolean {
    return jsonEqual(webhook, this.#webhook);
  }

  get wantsToBeAskedAgain(): boolean {
    return this.#webhook.reinvocationPolicy === 'IfNeeded';
  }

  /** As objects of which version it wants to be asked, if at all: that of the request, or another one of the kind. */
  typeFor(request: AdmissionRequest, others: () => readonly ResourceType[]): ResourceType | undefined {
    const { rules = [], matchPolicy } = this.#webhook;
    const covers = (type: ResourceType): boolean => rules.some((rule) => ruleCovers(rule, request, type));
    if (covers(request.type)) return request.type;
    return matchPolicy === 'Exact' ? undefined : others().find((type) => type !== request.type && covers(type));
  }

  selects(request: AdmissionRequest, context: ServerContext): boolean {
    return isSelected(this.#selectors, request, context);
  }

  /** Whether its conditions hold. Throws Forbidden where that cannot be told and it must be asked. */
  async isWanted(asked: Asked): Promise<boolean> {
    const conditions = this.#conditions;
    if (conditions === undefined) return true;
    const held = await immediately(this.#authorizer, (now) =>
      inSteps(Turns.of(this.#context.clock), conditions.hold(requestValues(asked, now, this.#context))),
    );
    if (typeof held === 'boolean') return held;
    if (this.#webhook.failurePolicy === 'Ignore') return false;
    throw notAdmitted(asked.request, held.problem);
  }

  /** Asks, and answers what its patch makes of the object, where that is another one. Throws as {@link ask}. */
  async mutate(asked: Asked, place: Place): Promise<KubeObject | undefined> {
    const { request } = asked;
    let patched: KubeObject | undefined;
    try {
      const patch = await this.ask(asked, place);
      if (patch === undefined || patch.length === 0) return undefined;
      patched = this.#patched(asked, patch);
      request.annotate(`patch.${annotationOf(place)}`, () => this.#toldOf(told(patch)));
      if (jsonEqual(asked.object, patched)) patched = undefined;
      return patched;
    } finally {
      request.annotate(`mutation.${annotationOf(place)}`, this.#toldOf({ mutated: patched !== undefined }));
    }
  }

  #toldOf(more: object): string {
    return goJson({ configuration: this.#configuration, webhook: this.#webhook.name, ...more });
  }

  /** Answers the patch, if there is one. Throws a `StatusError` where it refuses, or cannot be asked and must be. */
  async ask(asked: Asked, place: Place): Promise<readonly unknown[] | undefined> {
    const { request } = asked;
    const uid = this.#context.random.uuid();
    const review = reviewRequest(asked, uid);
    const one = this.#counted(request);
    const began = this.#context.clock.monotonic();
    const count = (code: number, rejected: boolean): void =>
      this.#metrics.asked(one, (this.#context.clock.monotonic() - began) / 1000, code, rejected);
    try {
      this.#checkDryRun(request);
      const response = await this.#answerTo(request, review, uid);
      for (const warning of response.warnings) request.warn(warning);
      for (const [key, value] of Object.entries(response.auditAnnotations))
        request.annotate(`${this.#webhook.name}/${key}`, value);
      if (!response.allowed) throw denial(this.#webhook.name, response.status);
      count(200, false);
      return response.patch;
    } catch (error) {
      if (error instanceof UnaskedError) return this.#failed(request, place, error, count);
      const code = error instanceof Denial ? error.code : 0;
      this.#metrics.rejected(one, code === 0 ? 'apiserver_internal_error' : 'no_error', code);
      count(code, true);
      throw error;
    }
  }

  /** The object with the patch. Throws InternalError where that fails. */
  #patched({ object, request }: Asked, patch: readonly unknown[]): KubeObject {
    try {
      if (object !== undefined) return applyJsonPatch(object, patch) as KubeObject;
      const name = JSON.stringify(this.#webhook.name);
      throw new Error(
        `admission webhook ${name} attempted to modify the object, which is not supported for this operation`,
      );
    } catch (error) {
      this.#metrics.rejected(this.#counted(request), 'apiserver_internal_error', 0);
      throw refused.internal((error as Error).message);
    }
  }

  #counted({ operation }: AdmissionRequest): AskedWebhook {
    return { name: this.#webhook.name, type: this.#isMutating ? 'admit' : 'validating', operation };
  }

  async #answerTo(request: AdmissionRequest, review: Record<string, unknown>, uid: string): Promise<ReviewResponse> {
    const { admissionReviewVersions, timeoutSeconds = 10 } = this.#webhook;
    const left = this.#leftMs(request);
    if (left === 0) throw timedOut();
    // The first of its versions that is known here.
    const version = admissionReviewVersions.find((one) => reviewVersions.includes(one));
    if (version === undefined)
      throw new UnaskedError(400, 'webhook does not accept known AdmissionReview versions (v1, v1beta1)');
    const text = await this.#connection
      .post(JSON.stringify(reviewOf(version, review)), Math.min(timeoutSeconds, left / 1000))
      .catch((error: Error) => {
        const code = error instanceof AnswerError ? error.code : 503;
        throw new UnaskedError(code, `failed to call webhook: ${error.message}`);
      });
    try {
      return readReview(text, version, uid, this.#isMutating);
    } catch (error) {
      throw new UnaskedError(503, `received invalid webhook response: ${(error as Error).message}`);
    }
  }

  /** How long the request may take yet; timers may be up to a millisecond early. */
  #leftMs(request: AdmissionRequest): number {
    const left = (request.givenUpAt?.() ?? Infinity) - this.#context.clock.monotonic();
    return left < 1 ? 0 : left;
  }

  #checkDryRun({ dryRun }: AdmissionRequest): void {
    const { name, sideEffects } = this.#webhook;
    if (dryRun && sideEffects !== 'None' && sideEffects !== 'NoneOnDryRun')
      throw refused.badRequest(`admission webhook ${JSON.stringify(name)} does not support dry run`);
  }

  #failed(
    request: AdmissionRequest,
    place: Place,
    { code, message: why }: UnaskedError,
    count: (code: number, rejected: boolean) => void,
  ): undefined {
    const { name, failurePolicy } = this.#webhook;
    const isOpen = failurePolicy === 'Ignore';
    const one = this.#counted(request);
    count(code, !isOpen);
    if (!isOpen) this.#metrics.rejected(one, 'calling_webhook_error', code);
    else this.#metrics.failedOpen(one);
    if (this.#leftMs(request) === 0) throw timedOut();
    if (!isOpen) throw refused.internal(`failed calling webhook ${JSON.stringify(name)}: ${why}`);
    const kind = this.#isMutating ? 'mutation' : 'validating';
    request.annotate(`failed-open.${kind}.${annotationOf(place)}`, name);
    this.#context.log.warn('a webhook failed, and is not waited for', { webhook: name, error: why });
    return undefined;
  }

  [Symbol.dispose](): void {
    this.#connection[Symbol.dispose]();
  }
}

function annotationOf({ round, index }: Place): string {
  return `webhook.admission.k8s.io/round_${round}_index_${index}`;
}

/** A patch whose operations have their members in the order in which Go writes a map. */
function told(patch: readonly unknown[]): object {
  const inOrder = (operation: object) => Object.entries(operation).sort(([a], [b]) => (a < b ? -1 : 1));
  return { patch: patch.map((one) => Object.fromEntries(inOrder(one as object))), patchType: 'JSONPatch' };
}

/** It could not be asked, or its answer is none; `code`: what the metrics call that. */
class UnaskedError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** A webhook has said no. */
class Denial extends StatusError {}

/** The request has taken too long, over all webhooks together. */
function timedOut(): StatusError {
  const why = 'request did not complete within requested timeout - context deadline exceeded';
  return refused.other(504, 'Timeout', `Timeout: ${why}`, {});
}

/** What the client gets when a webhook says no: its own Status, under a message that says whose it is. */
function denial(name: string, given: Readonly<Record<string, unknown>> = {}): StatusError {
  const { code, message, reason, details } = given;
  const why = [message, reason].find((text) => typeof text === 'string' && text !== '');
  const denied = `admission webhook ${JSON.stringify(name)} denied the request`;
  return new Denial({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: why === undefined ? `${denied} without explanation` : `${denied}: ${why as string}`,
    ...(typeof reason === 'string' && reason !== '' && { reason: reason as NonNullable<Status['reason']> }),
    ...(typeof details === 'object' && details !== null && { details }),
    code: typeof code === 'number' && Number.isInteger(code) && code >= 400 && code <= 599 ? code : 400,
  });
}
