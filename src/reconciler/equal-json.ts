/** Whether two values have the same JSON, whatever the order of fields. A field that is `undefined` counts as absent. */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => equalJson(item, b[index]));
  }
  return coveredBy(a as Fields, b as Fields) && coveredBy(b as Fields, a as Fields, true);
}

type Fields = Readonly<Record<string, unknown>>;

/** Every field set in `a` is in `b` too; `namesOnly` leaves the values alone. */
function coveredBy(a: Fields, b: Fields, namesOnly = false): boolean {
  for (const name in a) {
    if (a[name] === undefined) continue;
    if (b[name] === undefined || (!namesOnly && !equalJson(a[name], b[name]))) return false;
  }
  return true;
}
