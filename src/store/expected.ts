import type { Version } from './history.ts';
import type { Expected } from './store.ts';

/** Whether a key is what a write expects it to be. */
export function isAsExpected(current: Version | undefined, expected: Expected): boolean {
  if (expected === 'any') return true;
  return expected === 'absent' ? current === undefined : current?.modified === expected;
}
