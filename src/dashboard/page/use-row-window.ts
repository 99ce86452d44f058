import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useReducer, useRef } from 'preact/hooks';
import { rowWindow, type RowWindow } from '../state/row-window.ts';

/** Until a row has been measured. */
const usualRowHeight = 38;

export interface DrawnRows extends RowWindow {
  readonly body: RefObject<HTMLTableSectionElement | null>;
  /** In pixels, of each row that is not drawn. */
  readonly rowHeight: number;
}

/** Which rows of a table to draw, by where the page is scrolled to. */
export function useRowWindow(count: number): DrawnRows {
  const body = useRef<HTMLTableSectionElement>(null);
  const seen = useRef({ rowHeight: usualRowHeight, above: 0 });
  const [, redraw] = useReducer<number, void>((times) => times + 1, 0);
  const windowNow = (): RowWindow => rowWindow(count, seen.current.rowHeight, seen.current.above, innerHeight);
  const { first, last } = windowNow();
  const { rowHeight } = seen.current;

  const measure = (): void => {
    if (body.current === null) return;
    const { top, height } = body.current.getBoundingClientRect();
    const measured = (height - (count - last + first) * rowHeight) / Math.max(1, last - first);
    // What is not drawn takes as much room as it is thought to, so a small difference moves nothing that is seen.
    const isOff = measured > 1 && Math.abs(measured - rowHeight) > 0.5;
    seen.current = { rowHeight: isOff ? measured : rowHeight, above: -top };
    const next = windowNow();
    if (isOff || next.first !== first || next.last !== last) redraw();
  };
  const latest = useRef(measure);
  latest.current = measure;
  useLayoutEffect(measure, [count]);
  useEffect(() => {
    const moved = (): void => latest.current();
    addEventListener('scroll', moved, { passive: true });
    addEventListener('resize', moved, { passive: true });
    return () => {
      removeEventListener('scroll', moved);
      removeEventListener('resize', moved);
    };
  }, []);
  return { first, last, body, rowHeight };
}
