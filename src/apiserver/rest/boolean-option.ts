/**
 * A query parameter as a truth value, as the API server converts it: absent is false, `0` and `false` are false, and all
 * else is true, an empty text too.
 */
export function booleanOption(text: string | null | undefined): boolean {
  return text !== null && text !== undefined && text !== '0' && text.toLowerCase() !== 'false';
}
