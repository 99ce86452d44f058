import type { SuccessPolicy } from '../../../api/batch/v1/types.ts';
import { IndexSet } from './index-set.ts';

/** The number of the first rule that the succeeded indexes keep, if any. */
export function rulesKept(
  policy: SuccessPolicy | undefined,
  succeeded: IndexSet,
  completions: number,
): number | undefined {
  if (policy === undefined || succeeded.size === 0) return undefined;
  const at = policy.rules.findIndex(({ succeededIndexes, succeededCount = Infinity }) => {
    if (succeededIndexes === undefined) return succeeded.size >= succeededCount;
    const wanted = IndexSet.parse(succeededIndexes, completions);
    const reached = wanted.overlap(succeeded);
    return wanted.size > 0 && (reached === wanted.size || reached >= succeededCount);
  });
  return at < 0 ? undefined : at;
}
