/**
 * The parameters of a request, in order, as Go reads them: a pair with a broken escape or a semicolon is left out, the
 * others count.
 */
export class Query {
  /** Name, value, name, value… */
  readonly #pairs: readonly string[];

  constructor(pairs: readonly string[]) {
    this.#pairs = pairs;
  }

  /** The first value: of a parameter that is given twice it is the one that counts. */
  get(name: string): string | undefined {
    const pairs = this.#pairs;
    for (let at = 0; at < pairs.length; at += 2) if (pairs[at] === name) return pairs[at + 1];
    return undefined;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** Every value, for the few parameters that are lists (`command`, `exclude`). */
  all(name: string): string[] {
    return this.pairs.filter(([one]) => one === name).map(([, value]) => value);
  }

  get pairs(): [name: string, value: string][] {
    const pairs: [string, string][] = [];
    for (let at = 0; at < this.#pairs.length; at += 2) pairs.push([this.#pairs[at]!, this.#pairs[at + 1]!]);
    return pairs;
  }

  /** The first value of each. */
  get first(): Readonly<Record<string, string>> {
    const first = Object.create(null) as Record<string, string>;
    for (let at = this.#pairs.length - 2; at >= 0; at -= 2) first[this.#pairs[at]!] = this.#pairs[at + 1]!;
    return first;
  }
}

export const noQuery = new Query([]);

/** Reads what follows the question mark. */
export function parseQuery(text: string): Query {
  if (text === '') return noQuery;
  const pairs: string[] = [];
  for (const pair of text.split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const equals = pair.indexOf('=');
    const name = unescaped(equals < 0 ? pair : pair.slice(0, equals));
    const value = unescaped(equals < 0 ? '' : pair.slice(equals + 1));
    if (name !== undefined && value !== undefined) pairs.push(name, value);
  }
  return new Query(pairs);
}

const escaped = /[%+]/;

function unescaped(text: string): string | undefined {
  if (!escaped.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
