import { mostPatternSize, patternSize } from '../../apimachinery/pattern-size.ts';
import { RE2JS } from 're2js';
import { spendLetters } from './effort.ts';
import { CelError } from './value.ts';

/** A pattern that is ready, with about how many instructions it has: at worst each is tried at each letter. */
interface Pattern {
  readonly program: RE2JS;
  readonly size: number;
}

/** Compiled patterns, as the same few come again and again: a bounded number of short ones. */
const known = new Map<string, Pattern>();
const mostKnown = 256;
const longestKnown = 1024;
/** How large their programs may be together. */
const largestKnown = 10 * mostPatternSize;
let knownSize = 0;
/** To make a pattern ready takes as long as to go through so many letters for each of its own and each step of its program. */
const lettersOfLetter = 128;
const lettersOfSize = 512;

/** The pattern, or what is wrong with it in Go's words. */
export function compilePattern(text: string): Pattern | CelError {
  const found = known.get(text);
  if (found) return found;
  const size = patternSize(text);
  if (size > mostPatternSize) return new CelError('error parsing regexp: expression too large');
  spendLetters(size * lettersOfSize + text.length * lettersOfLetter);
  try {
    const pattern = { program: RE2JS.compile(text), size };
    if (text.length > longestKnown) return pattern;
    if (known.size >= mostKnown || knownSize + size > largestKnown) {
      known.clear();
      knownSize = 0;
    }
    known.set(text, pattern);
    knownSize += size;
    return pattern;
  } catch (error) {
    return new CelError(`error parsing regexp: ${(error as Error).message.replace(/^error parsing regexp: /, '')}`);
  }
}

/** Whether the pattern is found anywhere in the text. */
export function matches(text: string, pattern: string): boolean | CelError {
  const compiled = compilePattern(pattern);
  if (compiled instanceof CelError) return compiled;
  spendTries(compiled, text);
  return compiled.program.test(text);
}

/** To try an instruction takes as long as to go through so many letters. */
const lettersOfTry = 2;

function spendTries({ size }: Pattern, text: string): void {
  spendLetters(text.length * size * lettersOfTry);
}

/** What the pattern finds in the text, one behind the other, so many at most. */
export function findAll(text: string, pattern: string, most: number): readonly string[] | CelError {
  const compiled = compilePattern(pattern);
  if (compiled instanceof CelError) return new CelError(`Illegal regex: ${compiled.message}`);
  spendTries(compiled, text);
  const matcher = compiled.program.matcher(text);
  const found: string[] = [];
  while (found.length < most && matcher.find()) found.push(matcher.group() ?? '');
  return found;
}
