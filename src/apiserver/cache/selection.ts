import type { AsyncConversion } from './async-conversion.ts';
import type { CachedObject } from './cached-object.ts';

/** Which objects of a kind a list, watch or deletecollection is about. */
export interface Selection {
  /** Keys of the wanted objects start with this. */
  readonly prefix: string;
  /** Set when all are in one namespace. */
  readonly namespace: string | undefined;
  /** Set when only one key is wanted. */
  readonly only: string | undefined;
  /** A field that all wanted objects have with this value: their changes are found by it. */
  readonly trigger: Trigger | undefined;
  /** Selections of one kind and version with equal prefix and text accept the same objects. */
  readonly text: string;
  /** Set where objects must be made ready before anybody looks at them in the version that is selected in. */
  readonly conversion: AsyncConversion | undefined;
  /** Absent when all objects under the prefix are wanted. */
  readonly matches: ((object: CachedObject) => boolean) | undefined;
}

export interface Trigger {
  readonly field: string;
  readonly value: string;
  read(object: CachedObject): string;
}
