import type { KubeObject } from '../../apimachinery/object.ts';
import { applyJsonPatch } from '../../apimachinery/patch/json-patch.ts';
import { refused } from '../../apimachinery/status.ts';
import type { ServerContext } from '../context.ts';
import type { AdmissionPatch, AdmissionPlugin, AdmissionRequest } from './admission.ts';

/** The phases of one write, to be run in this order. Between them the caller prepares the object and checks it. */
export interface AdmissionPhases {
  /** Answers what to go on with: the object of the request, or what patches made of it. */
  mutate(): Promise<KubeObject | undefined>;
  /** `object` is what will be stored, as far as nothing but addresses and ports is missing. */
  guard(object?: KubeObject): Promise<void>;
  validate(): Promise<void>;
}

/**
 * The plugins' phases over one request. `reshape` makes an object of its kind again out of what a patch left: decoded,
 * with defaults, and with what no plugin may change as it was in `before`. Throws DecodeError where that cannot be.
 */
export function admissionPhases(
  plugins: readonly AdmissionPlugin[],
  context: ServerContext,
  request: AdmissionRequest,
  reshape?: (patched: unknown, before: KubeObject) => KubeObject,
): AdmissionPhases {
  let seen = request;

  /** Whether a plugin that came after others has patched the object, so that those must see it again. */
  async function mutateOnce(): Promise<boolean> {
    let mustRepeat = false;
    for (const [at, plugin] of plugins.entries()) {
      const running = plugin.mutate?.(seen, context);
      const answer = running instanceof Promise ? await running : running;
      if (answer === undefined || answer.patch.length === 0) continue;
      const object = patched(plugin, seen.object, answer);
      seen = { ...seen, object, ...(seen.operation === 'CREATE' && { name: object.metadata.name }) };
      if (at > 0) mustRepeat = true;
    }
    return mustRepeat;
  }

  function patched({ name }: AdmissionPlugin, object: KubeObject | undefined, { patch }: AdmissionPatch): KubeObject {
    if (object === undefined || reshape === undefined) throw refused.internal(`${name} patched what is not written`);
    try {
      return reshape(applyJsonPatch(object, patch), object);
    } catch (error) {
      throw refused.internal(`the patch of admission plugin ${name} cannot be applied: ${(error as Error).message}`);
    }
  }

  return {
    async mutate() {
      if (await mutateOnce()) {
        seen = { ...seen, isReinvocation: true };
        await mutateOnce();
      }
      return seen.object;
    },

    async guard(object) {
      if (object !== undefined) seen = { ...seen, object };
      for (const plugin of plugins) {
        const running = plugin.guard?.(seen, context);
        if (running !== undefined) await running;
      }
    },

    async validate() {
      const waiting: Promise<void>[] = [];
      for (const plugin of plugins) {
        const running = plugin.validate?.(seen, context);
        if (running !== undefined) waiting.push(running);
      }
      if (waiting.length === 0) return;
      // All are heard, so that none fails unseen; the first in the order of the plugins is answered.
      for (const outcome of await Promise.allSettled(waiting)) if (outcome.status === 'rejected') throw outcome.reason;
    },
  };
}
