import { parseLabelSelector } from '../../apimachinery/selectors/label-selector.ts';
import type { Row } from './table-rows.ts';

export interface Filter {
  /** Empty: all. */
  readonly namespace: string;
  readonly text: string;
}

/**
 * Says which rows a filter lets through. Each word must stand in a name or a cell; a word such as `app=web` or
 * `tier!=db` is a label selector. What was said of a row is remembered, as rows never change.
 */
export function rowMatcher({ namespace, text }: Filter): (row: Readonly<Row>) => boolean {
  const words = text.split(/\s+/).filter((word) => word !== '');
  const tests = words.map(wordMatcher);
  const known = new WeakMap<Readonly<Row>, boolean>();
  const matchesAll = (row: Readonly<Row>): boolean => {
    const matches = known.get(row) ?? tests.every((test) => test(row));
    known.set(row, matches);
    return matches;
  };
  return (row) => {
    const own = row.metadata.namespace;
    if (namespace !== '' && own !== undefined && own !== namespace) return false;
    return tests.length === 0 || matchesAll(row);
  };
}

/** Whether a filter hides anything of a kind. */
export function isFiltering({ namespace, text }: Filter, isNamespaced: boolean): boolean {
  return text.trim() !== '' || (isNamespaced && namespace !== '');
}

function wordMatcher(word: string): (row: Readonly<Row>) => boolean {
  const selector = word.includes('=') ? selectorOf(word) : undefined;
  if (selector !== undefined) return ({ metadata }) => selector.matches(metadata.labels ?? {});
  const lower = word.toLowerCase();
  return ({ metadata, cells }) =>
    metadata.namespace?.includes(lower) === true || cells.some((cell) => String(cell).toLowerCase().includes(lower));
}

/** Nothing while the user has typed half of one. */
function selectorOf(text: string): ReturnType<typeof parseLabelSelector> | undefined {
  try {
    return parseLabelSelector(text);
  } catch {
    return undefined;
  }
}
