const falseTexts = new Set(['', '0', 'f', 'F', 'false', 'False', 'FALSE']);

/** A query parameter as a truth value, as the API server reads it: anything but a spelled-out false is true; absent is false. */
export function isTrueText(text: string | null | undefined): boolean {
  return text !== null && text !== undefined && !falseTexts.has(text);
}
