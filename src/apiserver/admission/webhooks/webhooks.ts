import {
  MutatingWebhookConfigurations,
  ValidatingWebhookConfigurations,
  type MutatingWebhookConfiguration,
  type ValidatingWebhookConfiguration,
} from '../../../api/admissionregistration/v1/types.ts';
import { jsonEqual } from '../../../apimachinery/equality.ts';
import type { ResourceType } from '../../../apimachinery/resource-type.ts';
import type { Follower, ServerContext } from '../../context.ts';
import type { AdmissionPatch, AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import { refused } from '../../../apimachinery/status.ts';
import type { Asked, ObjectVersions } from '../object-versions.ts';
import { CompiledWebhook, type WebhookParts } from './compiled-webhook.ts';
import { isConfiguration } from './matching.ts';
import { Rounds } from './rounds.ts';

type Configuration = MutatingWebhookConfiguration | ValidatingWebhookConfiguration;

/** The webhooks of one of the two kinds, in the order of their configurations' names. */
class Webhooks implements Disposable {
  readonly #context: ServerContext;
  readonly #byName = new Map<string, readonly CompiledWebhook[]>();
  #inOrder: readonly CompiledWebhook[] = [];

  constructor(parts: WebhookParts, isMutating: boolean) {
    const { context } = parts;
    this.#context = context;
    const take: Follower<Configuration> = (now, earlier) => {
      const { name = '' } = (now ?? earlier)!.metadata;
      const old = this.#byName.get(name) ?? [];
      // Those that are as they were go on with their connections; questions in flight are answered.
      const before = new Map(old.map((one) => [one.name, one]));
      const compiled = (now?.webhooks ?? []).map((webhook) => {
        const same = before.get(webhook.name);
        return same?.isOf(webhook) ? same : new CompiledWebhook(webhook, name, isMutating, parts);
      });
      const kept = new Set(compiled);
      for (const one of old) if (!kept.has(one)) one[Symbol.dispose]();
      if (compiled.length > 0) this.#byName.set(name, compiled);
      else this.#byName.delete(name);
      const names = [...this.#byName.keys()].sort();
      this.#inOrder = names.flatMap((one) => this.#byName.get(one)!);
    };
    if (isMutating) context.follow(MutatingWebhookConfigurations, take);
    else context.follow(ValidatingWebhookConfigurations, take);
  }

  /** Those whose rules name a request; empty where it is of no concern to any of them, as for most. */
  of(request: AdmissionRequest, versions: ObjectVersions): readonly Called[] {
    if (this.#inOrder.length === 0 || isConfiguration(request.type)) return nobody;
    const called: Called[] = [];
    for (const [index, webhook] of this.#inOrder.entries()) {
      const type = webhook.typeFor(request, () => versions.of(request.type));
      if (type !== undefined) called.push({ webhook, type, index });
    }
    return called.some((one) => this.selects(one, request)) ? called : nobody;
  }

  /** Whether the selectors let it have a say in the request as it is now. */
  selects({ webhook }: Called, request: AdmissionRequest): boolean {
    return webhook.selects(request, this.#context);
  }

  [Symbol.dispose](): void {
    for (const webhook of this.#inOrder) webhook[Symbol.dispose]();
  }
}

interface Called {
  readonly webhook: CompiledWebhook;
  /** As objects of which version it is asked. */
  readonly type: ResourceType;
  /** Among all of its kind. */
  readonly index: number;
}

const nobody: readonly Called[] = [];

/** Asks the servers that webhook configurations name (dynamic admission control). */
export class AdmissionWebhooks implements Disposable {
  readonly mutating: AdmissionPlugin;
  readonly validating: AdmissionPlugin;
  readonly #versions: ObjectVersions;
  #isOpen = false;
  readonly #mutating: Webhooks;
  readonly #validating: Webhooks;

  constructor(versions: ObjectVersions, parts: WebhookParts) {
    this.#versions = versions;
    const mutating = (this.#mutating = new Webhooks(parts, true));
    const validating = (this.#validating = new Webhooks(parts, false));
    this.mutating = {
      name: 'MutatingAdmissionWebhook',
      mutate: (request) => {
        const called = this.#isOpen ? mutating.of(request, versions) : nobody;
        return called.length === 0 ? undefined : this.#mutate(called, request);
      },
    };
    this.validating = {
      name: 'ValidatingAdmissionWebhook',
      validate: (request) => {
        const called = this.#isOpen ? validating.of(request, versions) : nobody;
        return called.length === 0 ? undefined : this.#validate(called, request);
      },
    };
  }

  /** From now on they are asked: what a server needs to start depends on nobody. */
  open(): void {
    this.#isOpen = true;
  }

  /** One after the other; each sees what those before it made of the object. */
  async #mutate(called: readonly Called[], request: AdmissionRequest): Promise<AdmissionPatch> {
    const { firstRound, isReinvocation = false } = request;
    const rounds = (firstRound?.note as Rounds<CompiledWebhook> | undefined) ?? new Rounds<CompiledWebhook>();
    if (firstRound?.isChanged === true) rounds.changed();
    let { object } = request;
    for (const one of called) {
      const { webhook, type, index } = one;
      const now = { ...request, ...(object !== undefined && { object }) };
      if (isReinvocation && !rounds.mustAskAgain(webhook)) continue;
      if (!this.#mutating.selects(one, now)) continue;
      const asked = await this.#asked(now, type);
      if (!(await webhook.isWanted(asked))) continue;
      const patched = await webhook.mutate(asked, { round: isReinvocation ? 1 : 0, index });
      if (patched !== undefined) object = await this.#versions.converted(patched, request.type);
      rounds.asked(webhook, { isChanged: patched !== undefined, wantsAgain: webhook.wantsToBeAskedAgain });
    }
    const isChanged = object !== request.object && !jsonEqual(object, request.object);
    return { patch: isChanged ? [{ op: 'replace', path: '', value: object }] : [], note: rounds };
  }

  async #asked(request: AdmissionRequest, type: ResourceType): Promise<Asked> {
    try {
      return await this.#versions.asked(request, type);
    } catch (error) {
      // Whoever converts could not.
      throw refused.internal((error as Error).message);
    }
  }

  /** All at once, when it is known who is to be asked; the first in order that refuses is heard. */
  async #validate(called: readonly Called[], request: AdmissionRequest): Promise<void> {
    const wanted: { readonly webhook: CompiledWebhook; readonly asked: Asked }[] = [];
    for (const one of called) {
      if (!this.#validating.selects(one, request)) continue;
      const asked = await this.#asked(request, one.type);
      if (await one.webhook.isWanted(asked)) wanted.push({ webhook: one.webhook, asked });
    }
    const asking = wanted.map(({ webhook, asked }, index) => webhook.ask(asked, { round: 0, index }));
    for (const outcome of await Promise.allSettled(asking)) if (outcome.status === 'rejected') throw outcome.reason;
  }

  [Symbol.dispose](): void {
    for (const one of [this.#mutating, this.#validating]) one[Symbol.dispose]();
  }
}
