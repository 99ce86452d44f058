import { memberOverload, type Library } from '../check/function.ts';
import { intType, listType, stringType } from '../type.ts';
import { findAll } from '../values/regex.ts';
import { CelError, type Int } from '../values/value.ts';

function find(text: string, pattern: string): string | CelError {
  const found = findAll(text, pattern, 1);
  return found instanceof CelError ? found : (found[0] ?? '');
}

/** What patterns find in texts. */
export const patterns: Library = {
  find: [memberOverload('string_find_string', [stringType, stringType], stringType, find)],
  findAll: [
    memberOverload('string_find_all_string', [stringType, stringType], listType(stringType), (text, pattern) =>
      findAll(text, pattern, Infinity),
    ),
    memberOverload(
      'string_find_all_string_int',
      [stringType, stringType, intType],
      listType(stringType),
      (text: string, pattern: string, most: Int) => findAll(text, pattern, most < 0 ? Infinity : Number(most)),
    ),
  ],
};
