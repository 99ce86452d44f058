import { Counter, Histogram, Registry } from 'prom-client';

/** One question to an admission webhook, and what came of it. */
export interface AskedWebhook {
  readonly name: string;
  readonly type: 'admit' | 'validating';
  readonly operation: string;
}

/** Whether a refusal is the webhook's own, or why there is one. */
export type RejectionCause = 'no_error' | 'calling_webhook_error' | 'apiserver_internal_error';

const asked = ['name', 'type', 'operation'] as const;

/** What `/metrics` shows of webhooks for admission and conversion: names, labels and bounds are those of Kubernetes. */
export class WebhookMetrics {
  readonly registry = new Registry();
  readonly #durations = this.#histogram(
    'apiserver_admission_webhook_admission_duration_seconds',
    'Time that an admission webhook took',
    [...asked, 'rejected'],
    [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25],
  );
  readonly #requests = this.#counter('apiserver_admission_webhook_request_total', 'Questions to admission webhooks', [
    ...asked,
    'code',
    'rejected',
  ]);
  readonly #rejections = this.#counter(
    'apiserver_admission_webhook_rejection_count',
    'Requests that were refused because of an admission webhook',
    [...asked, 'error_type', 'rejection_code'],
  );
  readonly #failedOpen = this.#counter(
    'apiserver_admission_webhook_fail_open_count',
    'Questions that were not answered and had not to be',
    ['name', 'type'],
  );
  readonly #conversions = this.#counter(
    'apiserver_conversion_webhook_request_total',
    'Questions to conversion webhooks',
    ['result', 'failure_type'],
  );
  readonly #conversionDurations = this.#histogram(
    'apiserver_conversion_webhook_duration_seconds',
    'Time that a conversion webhook took',
    ['result', 'failure_type'],
    [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 45, 60],
  );
  readonly #definitionDurations = this.#histogram(
    'apiserver_crd_conversion_webhook_duration_seconds',
    'Time that a conversion of custom objects took',
    ['crd_name', 'from_version', 'to_version', 'succeeded'],
    Array.from({ length: 15 }, (_, at) => 0.001 * 2 ** at),
  );

  /** `code`: what the webhook, or the call of it, said; 200 where it let the request pass. */
  asked(one: AskedWebhook, seconds: number, code: number, rejected: boolean): void {
    this.#requests.inc({ ...labelsOf(one), code: bounded(code), rejected: String(rejected) });
    this.#durations.observe({ ...labelsOf(one), rejected: String(rejected) }, seconds);
  }

  rejected(one: AskedWebhook, cause: RejectionCause, code: number): void {
    this.#rejections.inc({ ...labelsOf(one), error_type: cause, rejection_code: bounded(code) });
  }

  failedOpen({ name, type }: AskedWebhook): void {
    this.#failedOpen.inc({ name, type });
  }

  /** One conversion of objects of a definition; `failure`: of what kind, where it failed. */
  converted(definition: string, from: string, to: string, seconds: number, failure = ''): void {
    const result = failure === '' ? 'success' : 'failure';
    this.#conversions.inc({ result, failure_type: failure });
    this.#conversionDurations.observe({ result, failure_type: failure }, seconds);
    this.#definitionDurations.observe(
      { crd_name: definition, from_version: from, to_version: to, succeeded: String(failure === '') },
      seconds,
    );
  }

  #counter(name: string, help: string, labelNames: readonly string[]): Counter {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #histogram(name: string, help: string, labelNames: readonly string[], buckets: number[]): Histogram {
    return new Histogram({ name, help, labelNames, buckets, registers: [this.registry] });
  }
}

function labelsOf({ name, type, operation }: AskedWebhook) {
  return { name, type, operation };
}

/** A webhook that makes up codes makes no more series than one that does not. */
function bounded(code: number): string {
  return String(Math.min(Math.max(code, 0), 600));
}
