/** Collects what is wrong with a configuration, each as a sentence that begins with the path of the field. */
export class Findings {
  readonly problems: string[] = [];

  add(path: string, rule: string): void {
    this.problems.push(`${path}: ${rule}`);
  }
}

/** Reads a value at a path; `undefined` when it is not there or not right, and the findings say why. */
export type Reader<T> = (value: unknown, path: string, findings: Findings) => T | undefined;

export function text(complaints: (value: string) => readonly string[] = () => []): Reader<string> {
  return (value, path, findings) => {
    if (typeof value !== 'string') return wrong(findings, path, 'must be a text', value);
    const [complaint] = complaints(value);
    return complaint === undefined ? value : wrong(findings, path, complaint, value);
  };
}

export function integer(from: number, to: number): Reader<number> {
  return (value, path, findings) =>
    typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to
      ? value
      : wrong(findings, path, `must be a whole number from ${from} to ${to}`, value);
}

export function oneOf<const T extends string | boolean>(...values: readonly T[]): Reader<T> {
  return (value, path, findings) =>
    values.find((one) => one === value) ?? wrong(findings, path, `must be ${values.join(' or ')}`, value);
}

export function list<T>(item: Reader<T>): Reader<T[]> {
  return (value, path, findings) => {
    if (!Array.isArray(value)) return wrong(findings, path, 'must be a list', value);
    return value
      .map((one, index) => item(one, `${path}[${index}]`, findings))
      .filter((one): one is NonNullable<typeof one> => one !== undefined);
  };
}

/** Texts by key; `complaints` of a key and of its value. */
export function textMap(
  ofKey: (key: string) => readonly string[],
  ofValue: (value: string) => readonly string[],
): Reader<Record<string, string>> {
  return (value, path, findings) => {
    if (!isObject(value)) return wrong(findings, path, 'must hold a text for each key', value);
    const read = text(ofValue);
    for (const [key, one] of Object.entries(value)) {
      const [complaint] = ofKey(key);
      if (complaint !== undefined) findings.add(path, `has the key "${key}", and ${complaint}`);
      read(one, `${path}.${key}`, findings);
    }
    return value as Record<string, string>;
  };
}

/** What Kubeling does not do; `allowed` values mean what it does anyway. */
export function unsupported(why: string, ...allowed: readonly unknown[]): Reader<never> {
  return (value, path, findings) => {
    if (!allowed.includes(value)) findings.add(path, `is not supported: ${why}`);
    return undefined;
  };
}

type Fields<T> = { readonly [K in keyof T]-?: Reader<T[K]> };

/** An object of just these fields, each of which may be left out. */
export function fields<T extends object>(
  readers: Fields<T>,
  rest: Record<string, Reader<never>> = {},
): Reader<Partial<T>> {
  const all: Record<string, Reader<unknown>> = { ...readers, ...rest };
  return (value, path, findings) => {
    if (!isObject(value))
      return wrong(findings, path === '' ? 'the file' : path, 'must hold fields with values', value);
    const found: Record<string, unknown> = {};
    for (const [name, content] of Object.entries(value)) {
      const at = path === '' ? name : `${path}.${name}`;
      const read = Object.hasOwn(all, name) ? all[name] : undefined;
      if (read === undefined) findings.add(at, `there is no such field; there are ${Object.keys(all).join(', ')}`);
      else if (content !== null && content !== undefined) found[name] = read(content, at, findings);
    }
    return found as Partial<T>;
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(findings: Findings, path: string, rule: string, value: unknown): undefined {
  findings.add(path, `${rule}, and is ${JSON.stringify(value)}`);
  return undefined;
}
