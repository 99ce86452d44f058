import { judges, type Around, type State } from './judges.ts';
import type { Row } from './table-rows.ts';

/** Something that is not as it should be. */
export interface Concern extends State {
  /** Of the kind, as in `ServedKind`. */
  readonly id: string;
  readonly row: Readonly<Row>;
}

export interface Observed {
  readonly id: string;
  readonly rows: readonly Readonly<Row>[];
}

/** What someone should look at, the worst first. What is merely under way counts too. */
export function concernsIn(observed: readonly Observed[], around: Around): Concern[] {
  const bad: Concern[] = [];
  const busy: Concern[] = [];
  for (const { id, rows } of observed)
    for (const row of rows) {
      const state = judges[id]!(row, around);
      if (state.tone === 'bad') bad.push({ id, row, ...state });
      else if (state.tone === 'busy') busy.push({ id, row, ...state });
    }
  return [...bad, ...busy];
}
