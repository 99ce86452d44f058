/** More than patterns of use have; a program of this size takes about a tenth of a second to make. */
export const mostPatternSize = 100_000;

const repeat = /\{(\d+)(?:,(\d*))?\}/y;

/**
 * About how many instructions a pattern in the language of Go's regular expressions (RE2) has as a program, repeats
 * written out: `(a{1000}){1000}` is short and has a million. What is no pattern has some size too.
 */
export function patternSize(pattern: string): number {
  const outer: number[] = [];
  let size = 0;
  /** Of what a repeat that follows would repeat. */
  let last = 0;
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]!;
    repeat.lastIndex = at;
    const [text, least, most = ''] = char === '{' ? (repeat.exec(pattern) ?? []) : [];
    if (text !== undefined) {
      const times = Math.max(Number(least), Number(most), 1);
      size += last * (times - 1);
      last *= times;
      at += text.length - 1;
    } else if (char === '(') {
      outer.push(size);
      size = 0;
    } else if (char === ')') {
      last = size + 2;
      size = (outer.pop() ?? 0) + last;
    } else {
      if (char === '\\') at++;
      else if (char === '[') at = classEnd(pattern, at);
      last = '*+?'.includes(char) ? last + 1 : 1;
      size++;
    }
  }
  return outer.reduce((sum, one) => sum + one, size);
}

/** The last letter of the class of letters that opens there. */
function classEnd(pattern: string, start: number): number {
  let at = start + (pattern[start + 1] === '^' ? 2 : 1);
  // A closing bracket that comes first is a letter.
  if (pattern[at] === ']') at++;
  for (; at < pattern.length; at++) {
    if (pattern[at] === '\\') at++;
    else if (pattern[at] === '[' && pattern[at + 1] === ':') at = Math.max(at, pattern.indexOf(':]', at) + 1);
    else if (pattern[at] === ']') return at;
  }
  return pattern.length;
}
