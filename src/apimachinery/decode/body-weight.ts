/**
 * What it costs to decode, own, check and store a value, in members of objects: what takes time is their number rather
 * than their bytes (docs/adr/0029). An item of a list counts as five, one that is an object or a list itself as six: each
 * is walked with its own path, and owned under its key. A key of a large map counts as five too: it is no known name, and
 * each pass looks it up in a table.
 */
export const mostWeight = 60_000;

/** An item of a list. */
export const itemWeight = 5;
/** What an item that is an object or a list weighs beyond that. */
const nestedWeight = 1;
/** A key of a map that has more than {@link manyKeys}. */
export const keyWeight = 5;
export const manyKeys = 256;

const [quote, comma, openList, closeList, backslash, openObject, closeObject] = [
  0x22, 0x2c, 0x5b, 0x5d, 0x5c, 0x7b, 0x7d,
];

/**
 * Whether the value in a JSON text weighs more than `most` ({@link mostWeight} by default). Takes a look at its bytes and
 * says nothing about whether it is JSON.
 */
export function isTooHeavy(json: Uint8Array, most = mostWeight): boolean {
  // `{},` is the densest: no letter weighs as much as an item.
  return json.length > most / itemWeight && weightOf(json, most) > most;
}

/** What the value in a JSON text weighs, or something above `most` where it weighs more than that. */
export function weightOf(json: Uint8Array, most: number): number {
  let weight = 0;
  /** Members of each open object, -1 for a list. */
  const open: number[] = [];
  let members = -1;
  for (let at = 0; at < json.length; at++) {
    switch (json[at]) {
      case quote:
        at = endOfText(json, at);
        break;
      case comma:
        if (members < 0) weight += itemWeight;
        else weight += ++members > manyKeys ? keyWeight : 1;
        break;
      case openObject:
      case openList: {
        const isList = json[at] === openList;
        if (members < 0) weight += nestedWeight;
        if (!isEmpty(json, at + 1)) weight += isList ? itemWeight : 1;
        open.push(members);
        members = isList ? -1 : 1;
        break;
      }
      case closeObject:
      case closeList:
        members = open.pop() ?? -1;
        break;
      default:
        continue;
    }
    if (weight > most) break;
  }
  return weight;
}

/** Letters of a text that are looked at one by one. */
const shortText = 64;

/** Whether what opens before `at` closes there: blanks may stand between, and nearly never do. */
function isEmpty(json: Uint8Array, at: number): boolean {
  return json[at] === closeObject || json[at] === closeList;
}

/** The position of the quote that ends the text which begins at `at`. */
function endOfText(json: Uint8Array, at: number): number {
  const soon = Math.min(at + shortText, json.length);
  for (at++; at < soon; at++) {
    const letter = json[at];
    if (letter === quote) return at;
    if (letter === backslash) at++;
  }
  return at < json.length ? endOfLongText(json, at) : at;
}

/** The same from somewhere in a text, at which no letter is escaped: long ones are looked through by the engine itself. */
function endOfLongText(json: Uint8Array, from: number): number {
  for (let at = from; (at = json.indexOf(quote, at)) >= 0; at++) {
    let escapes = 0;
    while (at - escapes > from && json[at - escapes - 1] === backslash) escapes++;
    if (escapes % 2 === 0) return at;
  }
  return json.length;
}
