/** A key of a user's extra values, as the end of a header's name (in lower case) says it: what cannot stand there is escaped. */
export function extraKey(escaped: string): string {
  try {
    return decodeURIComponent(escaped);
  } catch {
    return escaped;
  }
}
