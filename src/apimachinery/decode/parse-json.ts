import { RawNumber } from '../raw-number.ts';
import { DecodeError } from './decode-error.ts';
import { jsonFault } from './json-fault.ts';
import { scanText, type TextScan } from './scan.ts';

/**
 * Parses JSON without losing numbers: what JavaScript cannot hold becomes a {@link RawNumber}. Throws {@link DecodeError}
 * in Go's words.
 */
export function parseJson(text: string, scan: TextScan = scanText(text)): unknown {
  try {
    return scan.oddNumbers.length === 0 ? JSON.parse(text) : parseExactly(text, scan.oddNumbers);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new DecodeError(jsonFault(text));
  }
}

const numberForm = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/;

/**
 * Reads the numbers at the given places as texts that nothing else in the text is like, and puts them in afterwards: a
 * reviver would be called for each value of the text, which takes ten times as long.
 */
function parseExactly(text: string, places: readonly number[]): unknown {
  const mark = markFor(text);
  const numbers: RawNumber[] = [];
  let marked = '';
  let done = 0;
  for (let at = 0; at < places.length; at += 2) {
    const number = text.slice(places[at], places[at + 1]);
    if (mark === undefined || !numberForm.test(number)) return withReviver(text);
    marked += `${text.slice(done, places[at])}"${mark}${numbers.length}"`;
    done = places[at + 1]!;
    numbers.push(new RawNumber(number));
  }
  marked += text.slice(done);
  let found = 0;
  const value = withNumbers(parsedOrUndefined(marked), mark!, (index) => {
    found++;
    return numbers[index]!;
  });
  // One that is missing stood where no number may stand, or in a member that was repeated.
  return found === numbers.length ? value : withReviver(text);
}

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function withReviver(text: string): unknown {
  const revive = (_name: string, value: unknown, { source }: { readonly source?: string }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source ? new RawNumber(source) : value;
  return JSON.parse(text, revive as unknown as (name: string, value: unknown) => unknown);
}

/** Marks that are tried before the slow way is taken. */
const marks = ['\ue000', '\ue5a3', '\uf13c'];

/** A character that stands nowhere in the text, escaped or not. */
function markFor(text: string): string | undefined {
  return marks.find((mark) => {
    const code = mark.charCodeAt(0).toString(16);
    return !text.includes(mark) && !new RegExp(`\\\\u${code}`, 'i').test(text);
  });
}

function withNumbers(value: unknown, mark: string, numberAt: (index: number) => RawNumber): unknown {
  if (typeof value === 'string') return value.startsWith(mark) ? numberAt(Number(value.slice(1))) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) value[at] = withNumbers(value[at], mark, numberAt);
  } else {
    const members = value as Record<string, unknown>;
    for (const name in members) {
      const member = members[name];
      if (typeof member === 'object' || typeof member === 'string') {
        const exact = withNumbers(member, mark, numberAt);
        if (exact !== member) members[name] = exact;
      }
    }
  }
  return value;
}
