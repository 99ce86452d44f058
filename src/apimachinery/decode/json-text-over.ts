import type { Stored } from '../canonical-json.ts';
import { knownMembers } from '../member-texts.ts';
import { isObject, type JsonObject } from '../patch/json-value.ts';
import { jsonText, type JsonText } from './json-text.ts';

/** Members of fewer bytes are read as fast as they are found. */
const shortest = 128;
/** The text is looked through for each member, so that an object of more than these is read whole. */
const mostMembers = 16;
/** Letters of a member's name. */
const longestName = 64;
/** Stands for a member that is left out. It is exact, and every other way to write it is kept as a RawNumber. */
const mark = 314159265358979;

/**
 * Reads the text of what replaces a stored object, as {@link jsonText} does. A long member that stands in the text letter
 * for letter as it is stored is not read: the value has the stored one, which is frozen. Who writes the status of what was
 * read sends most of it back as it was.
 */
export function jsonTextOver(text: string, stored: Stored | undefined, findRepeated = true): JsonText {
  const known = stored && knownMembers(stored.bytes);
  if (known === undefined || known.ranges.length > mostMembers || text.includes(String(mark)))
    return jsonText(text, findRepeated);
  const left: string[] = [];
  let short = text;
  for (const { name, start, end } of known.ranges) {
    if (end - start < shortest || name.length > longestName) continue;
    const head = `${JSON.stringify(name)}:`;
    const at = short.indexOf(head);
    const from = at + head.length;
    const member = known.get(name)!;
    // Only where the name stands first: to look for a text of a megabyte within another may take its length in looks each.
    if (at < 0 || !short.startsWith(member, from)) continue;
    short = `${short.slice(0, from)}${mark}${short.slice(from + member.length)}`;
    left.push(name);
  }
  const read = left.length === 0 ? undefined : readShort(short, findRepeated);
  const value = read?.value;
  // What looks like the member may be something else, deeper in the object or in a text, and there may be two of them.
  if (read?.hasRepeated !== false || !isObject(value) || left.some((name) => value[name] !== mark))
    return jsonText(text, findRepeated);
  for (const name of left) value[name] = (stored!.object as unknown as JsonObject)[name];
  return { text, value, hasRepeated: false };
}

/** Nothing where the text cannot be read: what is said of it must be said of the whole. */
function readShort(text: string, findRepeated: boolean): JsonText | undefined {
  try {
    return jsonText(text, findRepeated);
  } catch {
    return undefined;
  }
}
