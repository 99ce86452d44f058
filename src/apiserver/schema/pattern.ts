import { mostPatternSize, patternSize } from '../../apimachinery/pattern-size.ts';
import { RE2JS, RE2JSSyntaxException } from 're2js';

/** How large all patterns that are kept compiled may be together; a schema has few, and many schemas share them. */
const mostKept = 10 * mostPatternSize;
let kept = 0;

/** What each weighs besides. */
const perPattern = 100;
const tooLarge = 'error parsing regexp: expression too large';

const compiled = new Map<string, RE2JS | string>();

/** A pattern in the language of Go's regular expressions, compiled; a text says why it is none. Takes linear time. */
function compile(pattern: string): RE2JS | string {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const size = patternSize(pattern);
  if (size > mostPatternSize) return tooLarge;
  const made = tryCompile(pattern);
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
  return typeof made !== 'string' && made.test(text);
}
