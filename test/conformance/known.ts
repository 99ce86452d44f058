/**
 * Why tests cannot pass yet, by their names as reports have them; the first that matches counts. It is for what is still to
 * be built: what fails for another reason is a bug, and does not belong here.
 */
const known: readonly (readonly [name: RegExp, reason: string])[] = [];

/** Why the test with this name cannot pass yet, if that is known. */
export function knownReason(name: string): string | undefined {
  return known.find(([pattern]) => pattern.test(name))?.[1];
}
