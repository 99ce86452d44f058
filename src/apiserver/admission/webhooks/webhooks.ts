import {
  MutatingWebhookConfigurations,
  ValidatingWebhookConfigurations,
  type MutatingWebhookConfiguration,
  type ValidatingWebhookConfiguration,
} from '../../../api/admissionregistration/v1/types.ts';
import type { KubeObject } from '../../../apimachinery/object.ts';
import { applyJsonPatch } from '../../../apimachinery/patch/json-patch.ts';
import type { ResourceType } from '../../../apimachinery/resource-type.ts';
import type { Follower, ServerContext } from '../../context.ts';
import type { AdmissionPatch, AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import { refused } from '../../../apimachinery/status.ts';
import type { Asked, ObjectVersions } from '../object-versions.ts';
import { CompiledWebhook, type WebhookParts } from './compiled-webhook.ts';
import { isConfiguration } from './matching.ts';

type Configuration = MutatingWebhookConfiguration | ValidatingWebhookConfiguration;

/** The webhooks of one of the two kinds, in the order of their configurations' names. */
class Webhooks implements Disposable {
  readonly #context: ServerContext;
  readonly #byName = new Map<string, readonly CompiledWebhook[]>();
  #inOrder: readonly CompiledWebhook[] = [];

  constructor(parts: WebhookParts, isMutating: boolean) {
    const { context } = parts;
    this.#context = context;
    const take: Follower<Configuration> = (now, before) => {
      const { name = '' } = (now ?? before)!.metadata;
      const old = this.#byName.get(name) ?? [];
      // Those that are as they were go on with their connections; questions in flight are answered.
      const compiled = (now?.webhooks ?? []).map(
        (webhook) => old.find((one) => one.isOf(webhook)) ?? new CompiledWebhook(webhook, isMutating, parts),
      );
      for (const one of old) if (!compiled.includes(one)) one[Symbol.dispose]();
      if (compiled.length > 0) this.#byName.set(name, compiled);
      else this.#byName.delete(name);
      const names = [...this.#byName.keys()].sort();
      this.#inOrder = names.flatMap((one) => this.#byName.get(one)!);
    };
    if (isMutating) context.follow(MutatingWebhookConfigurations, take);
    else context.follow(ValidatingWebhookConfigurations, take);
  }

  /** Those that have a say in a request; empty for most. */
  of(request: AdmissionRequest, versions: ObjectVersions): readonly Called[] {
    if (this.#inOrder.length === 0 || isConfiguration(request.type)) return nobody;
    const called: Called[] = [];
    for (const webhook of this.#inOrder) {
      const type = webhook.typeFor(request, () => versions.of(request.type));
      if (type !== undefined && webhook.selects(request, this.#context)) called.push({ webhook, type });
    }
    return called;
  }

  [Symbol.dispose](): void {
    for (const webhook of this.#inOrder) webhook[Symbol.dispose]();
  }
}

interface Called {
  readonly webhook: CompiledWebhook;
  /** As objects of which version it is asked. */
  readonly type: ResourceType;
}

const nobody: readonly Called[] = [];

/** Asks the servers that webhook configurations name (dynamic admission control). */
export class AdmissionWebhooks implements Disposable {
  readonly mutating: AdmissionPlugin;
  readonly validating: AdmissionPlugin;
  readonly #versions: ObjectVersions;
  #isOpen = false;
  readonly #all: readonly Webhooks[];

  constructor(versions: ObjectVersions, parts: WebhookParts) {
    this.#versions = versions;
    const [mutating, validating] = [true, false].map((isMutating) => new Webhooks(parts, isMutating)) as [
      Webhooks,
      Webhooks,
    ];
    this.#all = [mutating, validating];
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
  async #mutate(called: readonly Called[], request: AdmissionRequest): Promise<AdmissionPatch | undefined> {
    let { object } = request;
    let isChanged = false;
    for (const { webhook, type } of called) {
      if (request.isReinvocation === true && !webhook.wantsToBeAskedAgain) continue;
      const asked = await this.#asked({ ...request, ...(object !== undefined && { object }) }, type);
      const patch = await webhook.ask(asked);
      if (patch === undefined || patch.length === 0) continue;
      const patched = webhook.applied(request, () => patchedObject(webhook, asked, patch));
      object = await this.#versions.converted(patched, request.type);
      isChanged = true;
    }
    return isChanged ? { patch: [{ op: 'replace', path: '', value: object }] } : undefined;
  }

  async #asked(request: AdmissionRequest, type: ResourceType): Promise<Asked> {
    try {
      return await this.#versions.asked(request, type);
    } catch (error) {
      // Whoever converts could not.
      throw refused.internal((error as Error).message);
    }
  }

  /** All at once; the first in order that refuses is heard. */
  async #validate(called: readonly Called[], request: AdmissionRequest): Promise<void> {
    const asking = called.map(async ({ webhook, type }) => webhook.ask(await this.#asked(request, type)));
    for (const outcome of await Promise.allSettled(asking)) if (outcome.status === 'rejected') throw outcome.reason;
  }

  [Symbol.dispose](): void {
    for (const one of this.#all) one[Symbol.dispose]();
  }
}

function patchedObject({ name }: CompiledWebhook, { object }: Asked, patch: readonly unknown[]): KubeObject {
  if (object === undefined)
    throw new Error(
      `admission webhook ${JSON.stringify(name)} attempted to modify the object, which is not supported for this operation`,
    );
  return applyJsonPatch(object, patch) as KubeObject;
}
