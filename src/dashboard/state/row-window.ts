/** Which of many rows are drawn: `first` up to `last`, which is not. */
export interface RowWindow {
  readonly first: number;
  readonly last: number;
}

/** A table of so many rows is drawn whole. */
const wholeTable = 100;
/** Rows above and below what is seen, so that scrolling and the keyboard find them there. */
const margin = 20;
/** The window moves in steps, not with each row that passes. */
const step = 10;

/**
 * The rows to draw of a table whose body begins `above` pixels above the upper edge of what is seen, which is `height`
 * pixels high.
 */
export function rowWindow(count: number, rowHeight: number, above: number, height: number): RowWindow {
  if (count <= wholeTable) return { first: 0, last: count };
  const down = (row: number): number => Math.floor(row / step) * step;
  const most = Math.max(0, count - wholeTable);
  const first = Math.min(most, Math.max(0, down(above / rowHeight - margin)));
  const last = down((above + height) / rowHeight + margin) + step;
  return { first, last: Math.min(count, Math.max(last, first + 1)) };
}
