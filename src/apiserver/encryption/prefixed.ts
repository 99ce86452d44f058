import type { Clear, Transformer } from './transformer.ts';
import { joined } from './transformer.ts';

/** A transformer, and what its values begin with. An empty prefix: the one that takes what is not encrypted. */
export interface Prefixed {
  readonly prefix: string;
  readonly transformer: Transformer;
}

/** Hears of each value that goes in or out. `prefix` is `unknown` where no transformer takes it. */
export type OnTransformation = (
  direction: 'to_storage' | 'from_storage',
  prefix: string,
  failure: unknown,
  seconds: number,
) => void;

export interface PrefixedOptions {
  /** What is said of a value that no prefix fits. */
  readonly nobody: string;
  readonly onTransformation?: OnTransformation;
  /** Milliseconds from an arbitrary start. */
  readonly monotonic?: () => number;
}

/**
 * Several transformers as one. The first writes; the prefix of a value tells who reads it, and what the first has not
 * written is stale. Several may have the same prefix: they are asked in order.
 */
export function prefixed(parts: readonly Prefixed[], options: PrefixedOptions): Transformer {
  const { nobody, onTransformation, monotonic = () => 0 } = options;
  const known = parts.map(({ prefix, transformer }) => ({ prefix, transformer, bytes: Buffer.from(prefix) }));
  const first = known[0]!;

  function read(stored: Uint8Array, place: string, from: number, errors: readonly unknown[]): Clear | Promise<Clear> {
    for (let at = from; at < known.length; at++) {
      const { prefix, transformer, bytes } = known[at]!;
      if (!bytes.equals(stored.subarray(0, bytes.length))) continue;
      const began = monotonic();
      const taken = (clear: Clear): Clear => {
        onTransformation?.('from_storage', nameOf(prefix), undefined, (monotonic() - began) / 1000);
        return at === 0 ? clear : { bytes: clear.bytes, isStale: true };
      };
      /** It may be another's, such as when a key is replaced by one in a list of its own. */
      const next = (error: unknown): Clear | Promise<Clear> => {
        if (prefix === '') return read(stored, place, at + 1, errors);
        onTransformation?.('from_storage', prefix, error, (monotonic() - began) / 1000);
        return read(stored, place, at + 1, [...errors, error]);
      };
      try {
        const clear = transformer.fromStorage(prefix === '' ? stored : stored.subarray(bytes.length), place);
        return clear instanceof Promise ? clear.then(taken, next) : taken(clear);
      } catch (error) {
        return next(error);
      }
    }
    if (errors.length === 0) {
      const error = new Error(nobody);
      onTransformation?.('from_storage', 'unknown', error, 0);
      throw error;
    }
    throw errors.length === 1 ? errors[0] : new Error(`[${[...new Set(errors.map(textOf))].join(', ')}]`);
  }

  return {
    toStorage(clear, place) {
      const began = monotonic();
      const { prefix, transformer, bytes } = first;
      try {
        const stored = transformer.toStorage(clear, place);
        onTransformation?.('to_storage', prefix, undefined, (monotonic() - began) / 1000);
        return prefix === '' ? stored : joined(bytes, stored);
      } catch (error) {
        onTransformation?.('to_storage', prefix, error, (monotonic() - began) / 1000);
        throw error;
      }
    },

    fromStorage: (stored, place) => read(stored, place, 0, []),
  };
}

function nameOf(prefix: string): string {
  return prefix === '' ? 'identity' : prefix;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
