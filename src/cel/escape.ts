/** Words that are no identifiers of the language. */
export const reservedWords: ReadonlySet<string> = new Set([
  'as',
  'break',
  'const',
  'continue',
  'else',
  'false',
  'for',
  'function',
  'if',
  'import',
  'in',
  'let',
  'loop',
  'namespace',
  'null',
  'package',
  'return',
  'true',
  'var',
  'void',
  'while',
]);

const escapes: Readonly<Record<string, string>> = { __: 'underscores', '.': 'dot', '-': 'dash', '/': 'slash' };
const unescapes = new Map(Object.entries(escapes).map(([text, name]) => [name, text]));

/**
 * The identifier by which expressions read a property: `x-y` is `x__dash__y`, `if` is `__if__`. `undefined` where
 * the name has letters that no identifier can stand for.
 */
export function escapeName(name: string): string | undefined {
  if (reservedWords.has(name)) return `__${name}__`;
  if (!/^[a-zA-Z_.\-/][\w.\-/]*$/.test(name)) return undefined;
  return name.replace(/__|[-./]/g, (found) => `__${escapes[found]!}__`);
}

/** The property that an identifier stands for; `undefined` where it says nothing of the kind. */
export function unescapeName(identifier: string): string | undefined {
  if (!identifier.includes('__')) return identifier;
  let isValid = true;
  const name = identifier.replace(/__([^_]+)__/g, (whole, word: string) => {
    const text = unescapes.get(word);
    if (text !== undefined) return text;
    if (!reservedWords.has(word) || whole.length !== identifier.length) isValid = false;
    return word;
  });
  return isValid ? name : undefined;
}
