import { memberOverload, overload, type Library } from '../check/function.ts';
import { boolType, stringType } from '../type.ts';
import { matches } from '../values/regex.ts';

const two = [stringType, stringType] as const;

/** Texts in the standard library. */
export const text: Library = {
  contains: [memberOverload('contains_string', two, boolType, (text: string, part: string) => text.includes(part))],
  endsWith: [memberOverload('ends_with_string', two, boolType, (text: string, end: string) => text.endsWith(end))],
  startsWith: [
    memberOverload('starts_with_string', two, boolType, (text: string, start: string) => text.startsWith(start)),
  ],
  matches: [overload('matches', two, boolType, matches), memberOverload('matches_string', two, boolType, matches)],
};
