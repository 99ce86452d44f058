/**
 * The text as one argument of an nginx directive. Within double quotes nginx gives a meaning to `"` and `\` alone, and the
 * only character that no argument may hold is NUL. Variables are another matter: see {@link withoutVariables}.
 */
export function quoted(text: string): string {
  if (/[\x00-\x1f\x7f]/.test(text))
    throw new Error(`Cannot write ${JSON.stringify(text)} into nginx's configuration: it has control characters`);
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/**
 * As {@link quoted}, for directives that replace variables: nginx has no way to write a `$` that is none.
 */
export function withoutVariables(text: string): string {
  if (text.includes('$'))
    throw new Error(`Cannot write ${JSON.stringify(text)} into nginx's configuration: it would name a variable`);
  return quoted(text);
}

/** The text as the rest of a comment's line. */
export function commented(text: string): string {
  return `# ${text.replace(/[\x00-\x1f\x7f]/g, '?')}`;
}
