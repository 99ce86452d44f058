import { SelectorError } from './requirement.ts';

/** One condition on a field of an object: `status.phase!=Running`. */
export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

export interface FieldSelector {
  readonly requirements: readonly FieldRequirement[];
}

/**
 * Reads `a=b,c!=d,e==f`. In values a backslash makes `,`, `=` and itself ordinary letters. Whether a resource has the
 * fields is not asked here. Throws {@link SelectorError}.
 */
export function parseFieldSelector(text: string): FieldSelector {
  const requirements: FieldRequirement[] = [];
  for (const term of termsOf(text)) {
    if (term === '') continue;
    const split = splitTerm(term);
    if (!split) throw new SelectorError(`invalid selector: '${text}'; can't understand '${term}'`);
    requirements.push({ ...split, value: unescaped(split.value) });
  }
  return { requirements };
}

/** The text form; values are escaped again. */
export function fieldSelectorText({ requirements }: FieldSelector): string {
  return requirements
    .map(({ field, operator, value }) => `${field}${operator}${value.replace(/[\\,=]/g, '\\$&')}`)
    .join(',');
}

/** A function that tells whether an object, read field by field, meets all requirements. */
export function fieldMatches({ requirements }: FieldSelector, read: (field: string) => string): boolean {
  return requirements.every(({ field, operator, value }) => (read(field) === value) === (operator === '='));
}

/** Splits at commas that no backslash stands before. */
function termsOf(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    if (text[at] === '\\') at++;
    else if (at === text.length || text[at] === ',') {
      terms.push(text.slice(start, at));
      start = at + 1;
    }
  }
  if (start < text.length) terms.push(text.slice(start));
  return terms;
}

function splitTerm(term: string): FieldRequirement | undefined {
  for (let at = 0; at < term.length; at++) {
    if (term.startsWith('!=', at)) return { field: term.slice(0, at), operator: '!=', value: term.slice(at + 2) };
    if (term.startsWith('==', at)) return { field: term.slice(0, at), operator: '=', value: term.slice(at + 2) };
    if (term[at] === '=') return { field: term.slice(0, at), operator: '=', value: term.slice(at + 1) };
  }
  return undefined;
}

function unescaped(value: string): string {
  if (!/[\\,=]/.test(value)) return value;
  let plain = '';
  for (let at = 0; at < value.length; at++) {
    const char = value[at]!;
    if (char === '\\') {
      const next = value[++at] ?? '';
      if (!/^[\\,=]$/.test(next)) throw new SelectorError(`invalid field selector: invalid escape sequence: \\${next}`);
      plain += next;
    } else if (char === '=' || char === ',') {
      throw new SelectorError(`invalid field selector: unescaped character in value: ${char.charCodeAt(0)}`);
    } else {
      plain += char;
    }
  }
  return plain;
}
