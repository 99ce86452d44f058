/** One value of a Secret for people: its text, or how long it is where it is none. */
export interface SecretValue {
  readonly name: string;
  readonly text?: string;
  /** In bytes. */
  readonly length: number;
}

/** The values of a Secret's `data`, which is in base64, in the order of their names. */
export function secretValues(data: Readonly<Record<string, string>> = {}): SecretValue[] {
  return Object.entries(data)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, encoded]) => {
      const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
      const text = textOf(bytes);
      return { name, length: bytes.length, ...(text !== undefined && { text }) };
    });
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return /[^\P{Cc}\t\r\n]/u.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
