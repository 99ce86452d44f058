import { parseJson } from './parse-json.ts';
import { countMembers, scanText } from './scan.ts';

/** A text of JSON that has been read. */
export interface JsonText {
  readonly text: string;
  /** Private to who has it. */
  readonly value: unknown;
  /** Whether an object in the text has two members of one name; of those, the value has the last. */
  readonly hasRepeated: boolean;
}

/** Reads a text, and looks for repeated members if asked to. Throws {@link DecodeError}. */
export function jsonText(text: string, findRepeated = true): JsonText {
  const scan = scanText(text);
  const value = parseJson(text, scan);
  return { text, value, hasRepeated: findRepeated && scan.members !== countMembers(value) };
}
