/** The longest name, with the length bytes of its labels and the root's. */
const longestName = 255;
const longestLabel = 63;

export interface ReadName {
  readonly name: string;
  /** Where what follows the name begins. */
  readonly next: number;
}

/**
 * Reads a name. Answers `undefined` for what is none: cut short, too long, or with a pointer that does not lead back to
 * before the part that it ends, which is also how loops are made. In a question (`mayPoint` false) no pointer is taken.
 */
export function readName(bytes: Buffer, start: number, mayPoint = true): ReadName | undefined {
  let name = '';
  let at = start;
  let partStart = start;
  let next: number | undefined;
  let length = 1;
  for (;;) {
    const size = bytes[at];
    if (size === undefined) return undefined;
    if (size === 0) return { name, next: next ?? at + 1 };
    if (size > longestLabel) {
      const low = bytes[at + 1];
      if (!mayPoint || size < 0xc0 || low === undefined) return undefined;
      const target = ((size & 0x3f) << 8) | low;
      if (target >= partStart) return undefined;
      next ??= at + 2;
      at = partStart = target;
      continue;
    }
    length += size + 1;
    const end = at + 1 + size;
    if (length > longestName || end > bytes.length) return undefined;
    const label = bytes.toString('latin1', at + 1, end);
    name += name === '' ? escaped(label) : `.${escaped(label)}`;
    at = end;
  }
}

function escaped(label: string): string {
  return label.includes('.') || label.includes('\\') ? label.replace(/[.\\]/g, '\\$&') : label;
}

/** The first label of a name that is not the root, as it goes over the wire, and what follows it. */
export function firstLabel(name: string): { readonly label: string; readonly rest: string } {
  let dot = name.indexOf('.');
  if (!name.includes('\\')) return split(name, dot, (label) => label);
  while (dot > 0 && /(?:^|[^\\])(?:\\\\)*\\$/.test(name.slice(0, dot))) dot = name.indexOf('.', dot + 1);
  return split(name, dot, (label) => label.replace(/\\(.)/gs, '$1'));
}

function split(name: string, dot: number, plain: (label: string) => string): { label: string; rest: string } {
  const label = plain(dot < 0 ? name : name.slice(0, dot));
  if (label.length === 0 || label.length > longestLabel)
    throw new RangeError(
      `Cannot write the name "${name}": a label has 1 to ${longestLabel} bytes, not ${label.length}`,
    );
  return { label, rest: dot < 0 ? '' : name.slice(dot + 1) };
}
