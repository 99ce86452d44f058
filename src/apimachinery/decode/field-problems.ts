import type { Field, Schema } from '../schema.ts';

/** Whether JSON text that parses has a member twice in the same object. Counts, so that usual texts cost little. */
export function hasDuplicates(text: string, value: unknown): boolean {
  return namesInText(text) !== namesInValue(value);
}

/** Every name in JSON text is a string followed by a colon, and only names are. */
function namesInText(text: string): number {
  let names = 0;
  for (let quote = text.indexOf('"'); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let next = quote + 1;
    while (isSpace(text.charCodeAt(next))) next++;
    if (text.charCodeAt(next) === 0x3a && !isEscaped(text, quote)) names++;
  }
  return names;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function isEscaped(text: string, quote: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(quote - 1 - backslashes) === 0x5c) backslashes++;
  return backslashes % 2 === 1;
}

function namesInValue(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let names = 0;
  if (Array.isArray(value)) for (const item of value) names += namesInValue(item);
  else for (const name in value) names += 1 + namesInValue((value as Record<string, unknown>)[name]);
  return names;
}

/**
 * What is odd about the members of a text that parses: `unknown field "spec.foo"`, `duplicate field "spec.bar"`, in the
 * order of the text. Slow beside `JSON.parse`: only for texts that are known to be odd.
 */
export function fieldProblems(text: string, schema: Schema, definition: string): string[] {
  const walk = new Walk(text, schema);
  walk.value({ ref: definition }, '');
  return walk.problems;
}

/** Walks JSON text that is known to be valid. */
class Walk {
  readonly problems: string[] = [];
  readonly #text: string;
  readonly #schema: Schema;
  #at = 0;

  constructor(text: string, schema: Schema) {
    this.#text = text;
    this.#schema = schema;
  }

  value(field: Field | undefined, path: string): void {
    this.#space();
    const first = this.#text[this.#at];
    if (first === '{') this.#object(field, path);
    else if (first === '[') this.#list(field, path);
    else if (first === '"') this.#string();
    else while (this.#at < this.#text.length && !/[,\]}\s]/.test(this.#text[this.#at]!)) this.#at++;
  }

  #object(field: Field | undefined, path: string): void {
    const fields = field?.ref === undefined ? undefined : this.#schema[field.ref]?.fields;
    const seen = new Set<string>();
    this.#at++;
    for (this.#space(); this.#text[this.#at] !== '}'; this.#space()) {
      if (this.#text[this.#at] === ',') {
        this.#at++;
        continue;
      }
      const name = this.#string();
      const inner = path === '' ? name : `${path}.${name}`;
      if (seen.has(name)) this.problems.push(`duplicate field ${JSON.stringify(inner)}`);
      else if (fields !== undefined && fields[name] === undefined)
        this.problems.push(`unknown field ${JSON.stringify(inner)}`);
      seen.add(name);
      this.#space();
      this.#at++;
      this.value(fields?.[name] ?? field?.map, inner);
    }
    this.#at++;
  }

  #list(field: Field | undefined, path: string): void {
    this.#at++;
    let index = 0;
    for (this.#space(); this.#text[this.#at] !== ']'; this.#space()) {
      if (this.#text[this.#at] === ',') this.#at++;
      else this.value(field?.array, `${path}[${index++}]`);
    }
    this.#at++;
  }

  #string(): string {
    const start = this.#at++;
    while (this.#text[this.#at] !== '"') this.#at += this.#text[this.#at] === '\\' ? 2 : 1;
    this.#at++;
    return JSON.parse(this.#text.slice(start, this.#at)) as string;
  }

  #space(): void {
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at++;
  }
}
