import { refused } from '../../apimachinery/status.ts';

/**
 * Members and items that one body may hold, nested ones included. What takes time is their number rather than their bytes
 * (docs/adr/0024); the fullest objects that people keep have some tens of thousands.
 */
export const mostValues = 110_000;

const [quote, comma, openList, backslash, openObject] = [0x22, 0x2c, 0x5b, 0x5c, 0x7b];

/** Throws RequestEntityTooLarge for JSON of more values. Says nothing about whether it is JSON. */
export function refuseManyValues(json: Uint8Array): void {
  // Each takes a letter at least.
  if (json.length <= mostValues) return;
  let values = 0;
  let isText = false;
  for (let at = 0; at < json.length; at++) {
    const letter = json[at];
    if (isText) {
      if (letter === backslash) at++;
      else if (letter === quote) isText = false;
    } else if (letter === quote) isText = true;
    else if (letter === comma || letter === openObject || letter === openList) values++;
  }
  if (values > mostValues)
    throw refused.tooLarge(`Request entity too large: limit is ${mostValues} values, of objects and lists together`);
}
