/** A value with no `annotations` in it, however deep; of a Table or of an event of its watch. */
export function withoutAnnotations(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAnnotations);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => name !== 'annotations');
  return Object.fromEntries(kept.map(([name, part]) => [name, withoutAnnotations(part)]));
}
