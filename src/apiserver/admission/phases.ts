import { cloneJson } from '../../apimachinery/clone.ts';
import { jsonEqual } from '../../apimachinery/equality.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { applyJsonPatch } from '../../apimachinery/patch/json-patch.ts';
import { refused } from '../../apimachinery/status.ts';
import type { ServerContext } from '../context.ts';
import type { AdmissionPatch, AdmissionPlugin, AdmissionRequest, Mutation } from './admission.ts';

/**
 * The phases of one write, to be run in this order. Between them the caller prepares the object and checks it. A phase
 * in which no plugin has to wait answers, or throws, at once: the server's own plugins never wait.
 */
export interface AdmissionPhases {
  /** Answers what to go on with: the object of the request, or what patches made of it. */
  mutate(): KubeObject | undefined | Promise<KubeObject | undefined>;
  /** `object` is what will be stored, as far as nothing but addresses and ports is missing. */
  guard(object?: KubeObject): void | Promise<void>;
  /** The last word of all, and then what the write takes. */
  validate(): void | Promise<void>;
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
  /** By plugin. */
  let notes: Map<number, unknown> | undefined;
  /** The object as the first round has left it, where somebody has noted something. */
  let left: KubeObject | undefined;

  function requestOf(at: number): AdmissionRequest {
    const note = left === undefined ? undefined : notes?.get(at);
    if (note === undefined) return seen;
    return { ...seen, firstRound: { note, isChanged: !jsonEqual(left, seen.object) } };
  }

  /** Whether a plugin that came after others has patched the object, so that those must see it again. */
  function mutateOnce(): boolean | Promise<boolean> {
    let mustRepeat = false;
    for (let at = 0; at < plugins.length; at++) {
      const answer = plugins[at]!.mutate?.(requestOf(at), context);
      if (answer instanceof Promise) return mutateLate(at, answer, mustRepeat);
      if (takes(at, answer)) mustRepeat = true;
    }
    return mustRepeat;
  }

  /** Goes on from a plugin that has to wait. */
  async function mutateLate(from: number, waiting: Promise<Mutation>, before: boolean): Promise<boolean> {
    let mustRepeat = takes(from, await waiting) || before;
    for (let at = from + 1; at < plugins.length; at++) {
      const running = plugins[at]!.mutate?.(requestOf(at), context);
      if (takes(at, running instanceof Promise ? await running : running)) mustRepeat = true;
    }
    return mustRepeat;
  }

  /** Takes the patch of a plugin; whether the plugins before it must see what came of it. */
  function takes(at: number, answer: Mutation): boolean {
    if (answer === undefined) return false;
    if (answer.note !== undefined) (notes ??= new Map()).set(at, answer.note);
    if (answer.patch.length === 0) return false;
    const object = patched(plugins[at]!, seen.object, answer);
    const isNamed = seen.operation === 'CREATE' && seen.name !== '';
    seen = { ...seen, object, ...(isNamed && { name: object.metadata.name }) };
    return at > 0;
  }

  function again(mustRepeat: boolean): KubeObject | undefined | Promise<KubeObject | undefined> {
    if (!mustRepeat) return seen.object;
    seen = { ...seen, isReinvocation: true };
    if (notes !== undefined) left = cloneJson(seen.object);
    const running = mutateOnce();
    return running instanceof Promise ? running.then(() => seen.object) : seen.object;
  }

  function patched({ name }: AdmissionPlugin, object: KubeObject | undefined, { patch }: AdmissionPatch): KubeObject {
    if (object === undefined || reshape === undefined) throw refused.internal(`${name} patched what is not written`);
    try {
      return reshape(applyJsonPatch(object, patch), object);
    } catch (error) {
      throw refused.internal(`the patch of admission plugin ${name} cannot be applied: ${(error as Error).message}`);
    }
  }

  /** One after the other. */
  function inTurn(phase: 'guard' | 'reserve', first = 0): void | Promise<void> {
    for (let at = first; at < plugins.length; at++) {
      const running = plugins[at]![phase]?.(seen, context);
      if (running !== undefined) return running.then(() => inTurn(phase, at + 1));
    }
  }

  return {
    mutate() {
      const running = mutateOnce();
      return running instanceof Promise ? running.then(again) : again(running);
    },

    guard(object) {
      if (object !== undefined) seen = { ...seen, object, name: seen.name || object.metadata.name };
      return inTurn('guard');
    },

    validate() {
      let waiting: Promise<void>[] | undefined;
      for (const plugin of plugins) {
        const running = plugin.validate?.(seen, context);
        if (running !== undefined) (waiting ??= []).push(running);
      }
      return waiting === undefined ? inTurn('reserve') : firstRefusal(waiting).then(() => inTurn('reserve'));
    },
  };
}

/** All are heard, so that none fails unseen; the first in the order of the plugins is answered. */
async function firstRefusal(waiting: readonly Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(waiting)) if (outcome.status === 'rejected') throw outcome.reason;
}
