/** Letters and digits that spell no word and look like no other. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * A short name for a value: equal values, in whatever order their fields come, have equal hashes. `collisions` leads to
 * another hash when two values share one.
 */
export function shortHash(value: unknown, collisions = 0): string {
  const digits = String(fnv1a(`${canonicalJson(value)}${collisions === 0 ? '' : collisions}`));
  return [...digits].map((digit) => alphabet[(Number(digit) * 7 + 3) % alphabet.length]).join('');
}

/** JSON with sorted fields, without those that are not set. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** FNV-1a, 32 bits, over UTF-16 code units. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
