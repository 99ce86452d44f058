import { RawNumber } from '../raw-number.ts';

/**
 * A text that is the same for two JSON values exactly when `jsonEqual` holds for them: what makes it possible to look items
 * of lists up instead of comparing each with each.
 */
export function identityOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `"${value}`;
    case 'object':
      return value === null ? 'null' : JSON.stringify(inOrder(value));
    default:
      return String(value);
  }
}

/** Members in the order of their names, those that are `undefined` left out. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null || value instanceof RawNumber) return value;
  const members = value as Record<string, unknown>;
  return Object.fromEntries(
    Object.keys(members)
      .sort()
      .map((name) => [name, inOrder(members[name])]),
  );
}
