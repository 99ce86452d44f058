/**
 * `value` with everything in it that equals what `model` has at the same place taken from `model`, so that both take
 * memory once: pods of one workload differ in a few members only. Both are frozen JSON values, and so is the answer; it is
 * `model` itself where all is equal. One walk, which compares and allocates nothing below what is equal.
 */
export function sharedWith<T>(value: T, model: unknown): T {
  if (value === model || !isPlain(value) || !isPlain(model)) return value;
  if (Array.isArray(value)) return Array.isArray(model) ? (sharedList(value, model) as T) : value;
  return Array.isArray(model) ? value : (sharedObject(value as Members, model as Members) as T);
}

type Members = Readonly<Record<string, unknown>>;

function sharedList(value: readonly unknown[], model: readonly unknown[]): readonly unknown[] {
  let copy: unknown[] | undefined;
  let isEqual = value.length === model.length;
  for (let at = 0; at < value.length; at++) {
    const member = value[at];
    const shared = sharedWith(member, model[at]);
    if (shared !== model[at]) isEqual = false;
    if (shared !== member) (copy ??= [...value])[at] = shared;
  }
  return isEqual ? model : copy === undefined ? value : Object.freeze(copy);
}

function sharedObject(value: Members, model: Members): Members {
  let copy: Record<string, unknown> | undefined;
  let isEqual = true;
  let members = 0;
  for (const name in value) {
    members++;
    const member = value[name];
    const other = model[name];
    const shared = sharedWith(member, other);
    if (shared !== other) isEqual = false;
    // By assignment a member of this name would become the prototype.
    if (shared !== member && name !== '__proto__') (copy ??= { ...value })[name] = shared;
  }
  if (isEqual) for (const _ in model) members--;
  return isEqual && members === 0 ? model : copy === undefined ? value : Object.freeze(copy);
}

/** A list or an object as JSON has them, and not a number that is kept as its text. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
}
