import type { Token } from './lexer.ts';

/** Messages of texts that are no expressions: the words are those of the parser that Kubernetes uses. */

const operandStarts = ['[', '{', '(', '.', '-', '!', 'true', 'false', 'null'];
const operandKinds = ['NUM_FLOAT', 'NUM_INT', 'NUM_UINT', 'STRING', 'BYTES', 'IDENTIFIER'];
const order = ['[', ']', '{', '}', '(', ')', '.', ',', '-', '!', '?', 'true', 'false', 'null'];

/** The signs that may begin an operand, and those that may stand there as well, as a set. */
function operandSet(others: readonly string[]): string {
  const signs = order.filter((sign) => operandStarts.includes(sign) || others.includes(sign));
  return `{${[...signs.map((sign) => `'${sign}'`), ...operandKinds].join(', ')}}`;
}

function startsOperand({ kind, text }: Token): boolean {
  if (kind === 'sign') return operandStarts.includes(text);
  return kind !== 'end' && kind !== 'escaped';
}

/** `token` stands where an operand, or one of `others`, has to. */
export function operandExpected(token: Token, next: Token, others: readonly string[]): string {
  const isTooMuch = token.kind !== 'end' && (startsOperand(next) || others.includes(next.text));
  return `Syntax error: ${isTooMuch ? 'extraneous' : 'mismatched'} input '${token.text}' expecting ${operandSet(others)}`;
}

/** `token` stands where one of `signs` has to, the closing one first. */
export function signExpected(token: Token, next: Token, signs: readonly string[]): string {
  const [closing = ''] = signs;
  const expected = signs.length === 1 ? `'${closing}'` : `{${signs.map((sign) => `'${sign}'`).join(', ')}}`;
  const isLeftOut = closing === ':' ? startsOperand(token) : token.kind === 'end' && signs.length === 1;
  if (isLeftOut) return `Syntax error: missing ${expected} at '${token.text}'`;
  const isTooMuch = token.kind !== 'end' && signs.includes(next.text);
  return `Syntax error: ${isTooMuch ? 'extraneous' : 'mismatched'} input '${token.text}' expecting ${expected}`;
}

/** `token` stands behind the end of the expression. */
export function endExpected(token: Token, next: Token): string {
  return `Syntax error: ${next.kind === 'end' ? 'extraneous' : 'mismatched'} input '${token.text}' expecting <EOF>`;
}

/** `token` stands behind a point, in the text `text`. */
export function fieldExpected(point: Token, token: Token, text: string): string {
  if (['true', 'false', 'null'].includes(token.text))
    return `Syntax error: mismatched input '${token.text}' expecting IDENTIFIER`;
  const input = token.kind === 'end' ? '.' : text.slice(point.at, token.at + token.text.length);
  return `Syntax error: no viable alternative at input '${input}'`;
}

export function namesExpected(token: Token, others: readonly string[]): string {
  const expected = [...others.map((sign) => `'${sign}'`), 'IDENTIFIER', 'ESC_IDENTIFIER'].join(', ');
  return `Syntax error: mismatched input '${token.text}' expecting {${expected}}`;
}
