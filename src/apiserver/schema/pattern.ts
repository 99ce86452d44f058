import { mostPatternSize, patternSize } from '../../apimachinery/pattern-size.ts';
import { RE2JS, RE2JSSyntaxException } from 're2js';

/** How large all patterns that are kept compiled may be together; a schema has few, and many schemas share them. */
const mostKept = 10 * mostPatternSize;
let kept = 0;

/** What each weighs besides. */
const perPattern = 100;
const tooLarge = 'error parsing regexp: expression too large';

interface Pattern {
  readonly program: RE2JS;
  /** About how many instructions it has: at worst each is tried at each letter. */
  readonly size: number;
}

const compiled = new Map<string, Pattern | string>();

/** A pattern in the language of Go's regular expressions, compiled; a text says why it is none. Takes linear time. */
function compile(pattern: string): Pattern | string {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const size = patternSize(pattern);
  if (size > mostPatternSize) return tooLarge;
  const program = tryCompile(pattern);
  const made = typeof program === 'string' ? program : { program, size };
  kept += size + pattern.length + perPattern;
  if (kept > mostKept) {
    compiled.clear();
    kept = size + pattern.length + perPattern;
  }
  compiled.set(pattern, made);
  return made;
}

function tryCompile(pattern: string): RE2JS | string {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return error.message;
    throw error;
  }
}

/** Why a text is no pattern: `error parsing regexp: missing closing ]: …`; `undefined`: it is one. */
export function patternProblem(pattern: string): string | undefined {
  const made = compile(pattern);
  return typeof made === 'string' ? made : undefined;
}

/** Whether a pattern is found somewhere in the text. What is no pattern is found nowhere. */
export function isFound(pattern: string, text: string): boolean {
  const made = compile(pattern);
  return typeof made !== 'string' && made.program.test(text);
}

/** What it takes at most to look for the pattern in a text of so many letters, in tries of an instruction. */
export function triesOf(pattern: string, letters: number): number {
  const made = compile(pattern);
  return typeof made === 'string' ? 0 : made.size * letters;
}
