import { goQuote } from '../go-text.ts';
import type { Structure } from '../structure.ts';
import { shortPathText } from './decode-error.ts';
import { endOfString } from './scan.ts';

/** Kubernetes stops counting at as many. */
export const maximumComplaints = 100;

/**
 * What is odd about the members of a JSON text, in the order of the text: `duplicate field "spec.x"`, and of `unknown`,
 * which holds what was found odd about its value, those that stand there. The text must be valid and not too deep; it
 * is read only when members are repeated.
 */
export function complaintsAbout(
  text: string,
  structure: Structure | undefined,
  unknown: readonly string[] = [],
): string[] {
  const reader = new TextReader(text, new Set(unknown));
  reader.value(structure);
  return reader.complaints;
}

/** `unknown field "spec.x"`. */
export function unknownField(path: readonly (string | number)[]): string {
  return `unknown field ${goQuote(shortPathText(path, longestPath))}`;
}

const longestPath = 1024;
/** Unknown members of which the path is made: those that a later member replaced are not told. */
const mostPaths = 10 * maximumComplaints;

class TextReader {
  readonly complaints: string[] = [];
  readonly #text: string;
  readonly #path: (string | number)[] = [];
  readonly #unknown: ReadonlySet<string>;
  #paths = 0;
  #at = 0;

  constructor(text: string, unknown: ReadonlySet<string>) {
    this.#text = text;
    this.#unknown = unknown;
  }

  value(type: Structure | undefined): void {
    this.#skipBlanks();
    const char = this.#text[this.#at];
    if (char === '{') this.#object(type);
    else if (char === '[') this.#list(type?.kind === 'list' ? type.element : undefined);
    else if (char === '"') this.#at = endOfString(this.#text, this.#at) + 1;
    else while (!endsNumber(this.#text.charCodeAt(this.#at))) this.#at++;
  }

  #object(type: Structure | undefined): void {
    const seen = new Set<string>();
    this.#at++;
    for (this.#skipBlanks(); this.#text[this.#at] !== '}'; this.#skipBlanks()) {
      const end = endOfString(this.#text, this.#at);
      const name = this.#nameTo(end);
      const known = type?.kind === 'object' ? type.members.get(name) : undefined;
      this.#path.push(name);
      if (seen.has(name)) this.#repeatedMember();
      else if (type?.kind === 'object' && known === undefined) this.#unknownMember();
      seen.add(name);
      this.#at = end + 1;
      this.#skipBlanks();
      // The colon.
      this.#at++;
      this.value(type?.kind === 'map' ? type.element : known?.type);
      this.#path.pop();
      this.#endOfItem();
    }
    this.#at++;
  }

  #list(element: Structure | undefined): void {
    this.#at++;
    let index = 0;
    for (this.#skipBlanks(); this.#text[this.#at] !== ']'; this.#skipBlanks()) {
      this.#path.push(index++);
      this.value(element);
      this.#path.pop();
      this.#endOfItem();
    }
    this.#at++;
  }

  #endOfItem(): void {
    this.#skipBlanks();
    if (this.#text[this.#at] === ',') this.#at++;
  }

  #repeatedMember(): void {
    if (this.complaints.length < maximumComplaints)
      this.complaints.push(`duplicate field ${goQuote(shortPathText(this.#path, longestPath))}`);
  }

  #unknownMember(): void {
    if (this.#paths++ > mostPaths) return;
    const complaint = unknownField(this.#path);
    if (this.#unknown.has(complaint) && this.complaints.length < maximumComplaints) this.complaints.push(complaint);
  }

  /** What stands between two quotes, of which the second is at `end`. */
  #nameTo(end: number): string {
    const name = this.#text.slice(this.#at + 1, end);
    return name.includes('\\') ? (JSON.parse(`"${name}"`) as string) : name;
  }

  #skipBlanks(): void {
    while (isBlank(this.#text.charCodeAt(this.#at))) this.#at++;
  }
}

const [comma, closeList, closeObject] = [0x2c, 0x5d, 0x7d];

/** What JSON knows as such: blank, tab, line feed, carriage return. */
function isBlank(char: number): boolean {
  return char === 0x20 || char === 0x0a || char === 0x0d || char === 0x09;
}

/** Whether a number, `true`, `false` or `null` is over; so it is at the end of the text. */
function endsNumber(char: number): boolean {
  return char === comma || char === closeList || char === closeObject || isBlank(char) || Number.isNaN(char);
}
