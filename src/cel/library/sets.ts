import { overload, type Library } from '../check/function.ts';
import { boolType, listType, parameterType } from '../type.ts';
import { indexIn } from '../values/equal.ts';
import { itemsOf, type List } from '../values/list.ts';

const list = listType(parameterType('T'));

function contains(set: List, part: List): boolean {
  return itemsOf(part).every((item) => indexIn(set, item) >= 0);
}

/** Lists as sets. */
export const sets: Library = {
  'sets.contains': [overload('list_sets_contains_list', [list, list], boolType, contains)],
  'sets.equivalent': [
    overload(
      'list_sets_equivalent_list',
      [list, list],
      boolType,
      (a: List, b: List) => contains(a, b) && contains(b, a),
    ),
  ],
  'sets.intersects': [
    overload('list_sets_intersects_list', [list, list], boolType, (a: List, b: List) =>
      itemsOf(a).some((item) => indexIn(b, item) >= 0),
    ),
  ],
};
