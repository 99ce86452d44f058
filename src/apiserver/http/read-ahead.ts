import type { Clock } from '../../base/clock.ts';
import { Turns } from '../../base/turns.ts';
import { isTooHeavy } from '../../apimachinery/decode/body-weight.ts';
import { DecodeError } from '../../apimachinery/decode/decode-error.ts';
import { jsonText, type JsonText } from '../../apimachinery/decode/json-text.ts';
import { countMembers, scanText } from '../../apimachinery/decode/scan.ts';
import { parseJson } from '../../apimachinery/decode/parse-json.ts';
import { tooHeavy } from '../large.ts';

/**
 * Reads a large text of JSON in steps, each in a turn of the event loop of its own. What is wrong with it is told when it is
 * taken. Whoever takes it may change it, so that the next one gets another.
 */
export async function readAhead(bytes: Uint8Array, clock: Clock): Promise<() => JsonText> {
  const turns = Turns.of(clock);
  await turns.share();
  if (isTooHeavy(bytes)) throw tooHeavy();
  const text = new TextDecoder().decode(bytes);
  let taken: JsonText | undefined;
  try {
    const scan = scanText(text);
    await turns.share();
    const value = parseJson(text, scan);
    await turns.share();
    taken = { text, value, hasRepeated: scan.members !== countMembers(value) };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
  return () => {
    const json = taken ?? jsonText(text);
    taken = undefined;
    return json;
  };
}
