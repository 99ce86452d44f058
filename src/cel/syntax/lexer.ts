import type { Issue } from './issues.ts';

export type TokenKind = 'bytes' | 'end' | 'escaped' | 'float' | 'identifier' | 'int' | 'sign' | 'string' | 'uint';

export interface Token {
  /** A `sign` is an operator, a bracket, or one of the words `in`, `true`, `false`, `null`. */
  readonly kind: TokenKind;
  /** As it stands in the text; `<EOF>` at the end. */
  readonly text: string;
  readonly at: number;
}

const blanks = /(?:[\t\r\n\f ]+|\/\/[^\n]*)*/y;
const escape = String.raw`\\(?:[abfnrtv"'\\?\u0060]|[0-3][0-7]{2}|[xX][\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8})`;
const string = [
  String.raw`[rR](?:"""[^]*?"""|'''[^]*?'''|"[^"\n\r]*"|'[^'\n\r]*')`,
  String.raw`"""(?:${escape}|[^\\])*?"""`,
  String.raw`'''(?:${escape}|[^\\])*?'''`,
  String.raw`"(?:${escape}|[^\\"\n\r])*"`,
  String.raw`'(?:${escape}|[^\\'\n\r])*'`,
].join('|');

const forms: readonly (readonly [TokenKind, RegExp])[] = [
  ['bytes', new RegExp(`[bB](?:${string})`, 'y')],
  ['string', new RegExp(string, 'y')],
  ['float', /(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)/y],
  ['uint', /(?:0x[\da-fA-F]+|\d+)[uU]/y],
  ['int', /(?:0x[\da-fA-F]+|\d+)/y],
  ['sign', /(?:in|true|false|null)(?!\w)/y],
  ['identifier', /[A-Za-z_]\w*/y],
  ['escaped', /`[\w.\-/ ]+`/y],
  ['sign', /==|!=|<=|>=|&&|\|\||[<>[\]{}().,\-!?:+*/%]/y],
];

/** What a text that is no token reaches to: as far as it might have become one, with the letter that ended it. */
const beginnings: readonly RegExp[] = [
  new RegExp(
    String.raw`[bB]?(?:[rR]"[^"\n\r]*|[rR]'[^'\n\r]*|"(?:${escape}|[^\\"\n\r])*|'(?:${escape}|[^\\'\n\r])*)\\?[^]?`,
    'y',
  ),
  /[=&|][^]?/y,
  /`[\w.\-/ ]*[^]?/y,
];

/** The tokens of a text, the end among them; what is no token becomes an issue and is left out. Takes linear time. */
export function tokensOf(text: string, issues: Issue[]): Token[] {
  const tokens: Token[] = [];
  for (let at = skipped(text, 0); at < text.length; at = skipped(text, at)) {
    const token = tokenAt(text, at);
    if (token) tokens.push(token);
    const bad = token ? '' : badAt(text, at);
    if (!token) issues.push({ at, message: `Syntax error: token recognition error at: '${shown(bad)}'` });
    at += token ? token.text.length : bad.length;
  }
  tokens.push({ kind: 'end', text: '<EOF>', at: text.length });
  return tokens;
}

function skipped(text: string, at: number): number {
  blanks.lastIndex = at;
  blanks.exec(text);
  return blanks.lastIndex;
}

function tokenAt(text: string, at: number): Token | undefined {
  for (const [kind, form] of forms) {
    form.lastIndex = at;
    const found = form.exec(text)?.[0];
    if (found !== undefined) return { kind, text: found, at };
  }
  return undefined;
}

function badAt(text: string, at: number): string {
  for (const beginning of beginnings) {
    beginning.lastIndex = at;
    const found = beginning.exec(text)?.[0];
    if (found !== undefined && found !== '') return found;
  }
  return String.fromCodePoint(text.codePointAt(at)!);
}

function shown(text: string): string {
  return text.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
}
