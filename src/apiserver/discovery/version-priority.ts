/**
 * Stable before beta before alpha, newer before older; what is no such name comes last (CRD versions, "Version
 * priority").
 */
export function byVersionPriority(a: string, b: string): number {
  const [left, right] = [priorityOf(a), priorityOf(b)];
  const at = left.findIndex((part, i) => part !== right[i]);
  return at < 0 ? (a < b ? -1 : a > b ? 1 : 0) : right[at]! - left[at]!;
}

function priorityOf(version: string): number[] {
  const [, major, stage, minor] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version) ?? [];
  if (major === undefined) return [0, 0, 0];
  return [stage === undefined ? 3 : stage === 'beta' ? 2 : 1, Number(major), Number(minor ?? 0)];
}
