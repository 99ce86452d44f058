import type { Version } from './history.ts';
import type { Expected } from './store.ts';

/** Whether a key is what a write expects it to be. A deleted key is absent. */
export function isAsExpected(current: Version | undefined, expected: Expected): boolean {
  if (expected === undefined) return true;
  const absent = current === undefined || current.deleted;
  return expected === 'absent' ? absent : !absent && current.modified === expected;
}
