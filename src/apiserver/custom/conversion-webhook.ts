import type { CustomResourceDefinition } from '../../api/apiextensions/v1/types.ts';
import { mostWeight } from '../../apimachinery/decode/body-weight.ts';
import { byteLength } from '../../apimachinery/go-text.ts';
import { jsonEqual } from '../../apimachinery/equality.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { refused } from '../../apimachinery/status.ts';
import { WebhookConnection } from '../admission/webhooks/connection.ts';
import type { ServerContext } from '../context.ts';
import type { WebhookMetrics } from '../http/webhook-metrics.ts';
import {
  answeredObjects,
  ConversionError,
  conversionReview,
  questionName,
  type ConversionQuestion,
  type ReviewVersion,
} from './conversion-review.ts';

type Definition = Readonly<CustomResourceDefinition>;

const timeoutSeconds = 30;
/**
 * An answer may be so many times as long as the question, and these bytes more, and have so many times the values that a
 * question has at most.
 */
const growth = 2;
const room = 3 * 1024 * 1024;

/** Who makes the objects of a definition into those of its other versions. */
export class ConversionWebhook implements Disposable {
  readonly #definition: Definition;
  readonly #context: ServerContext;
  readonly #metrics: WebhookMetrics;
  readonly #connection: WebhookConnection;

  /** `definition`: one whose strategy is `Webhook`. */
  constructor(definition: Definition, context: ServerContext, metrics: WebhookMetrics) {
    this.#definition = definition;
    this.#context = context;
    this.#metrics = metrics;
    this.#connection = new WebhookConnection(definition.spec.conversion!.webhook!.clientConfig!, context);
  }

  /** Whether it is what a definition names. */
  isOf({ spec }: Definition): boolean {
    return jsonEqual(spec.conversion, this.#definition.spec.conversion);
  }

  /**
   * The objects, which have another version, in this one: in their order, all or none, by one call. Throws a `StatusError`
   * where that fails.
   */
  async convert(objects: readonly KubeObject[], apiVersion: string): Promise<KubeObject[]> {
    const { clock, random } = this.#context;
    const began = clock.monotonic();
    const { name } = this.#definition.metadata;
    const count = (failure?: string) =>
      this.#metrics.converted(
        name,
        versionIn(objects[0]?.apiVersion ?? ''),
        versionIn(apiVersion),
        (clock.monotonic() - began) / 1000,
        failure,
      );
    try {
      const question = { version: this.#version(), uid: random.uuid(), objects, apiVersion };
      const converted = answeredObjects(await this.#ask(question), question);
      count();
      return converted;
    } catch (error) {
      if (!(error instanceof ConversionError)) throw error;
      count(error.failure);
      throw refused.other(500, undefined, error.message);
    }
  }

  async #ask(question: ConversionQuestion): Promise<string> {
    const body = JSON.stringify(conversionReview(question));
    try {
      return await this.#connection.post(body, timeoutSeconds, {
        longest: growth * byteLength(body) + room,
        heaviest: growth * mostWeight,
      });
    } catch (error) {
      throw new ConversionError(
        'conversion_webhook_call_failure',
        `${questionName(question)} failed: ${(error as Error).message}`,
      );
    }
  }

  /** The first that both know. */
  #version(): ReviewVersion {
    const { conversionReviewVersions: known } = this.#definition.spec.conversion!.webhook!;
    const version = known.find((one) => one === 'v1' || one === 'v1beta1');
    if (version === undefined) throw refused.other(500, undefined, 'no supported conversion review versions');
    return version;
  }

  [Symbol.dispose](): void {
    this.#connection[Symbol.dispose]();
  }
}

function versionIn(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf('/') + 1);
}
