import type { Kernel } from './kernel.ts';
import { chainsOf, tableChange, wholeTable } from './nft-text.ts';
import type { Difference, Element, TableLayout } from './table.ts';
import type { Flow } from './traffic-plan.ts';

/** What a table is to hold. Knows what the kernel lacks since it last took everything. */
export interface TableModel<Collection extends string> {
  elements(): Element<Collection>[];
  difference(): Difference<Collection>;
  /** The kernel has everything now. Answers the flows that it has to forget. */
  taken(): Flow[];
}

/** What a write did. */
export interface Written {
  readonly kind: 'whole table' | 'difference' | 'nothing';
  readonly added: number;
  readonly removed: number;
}

/**
 * Brings the kernel to what a model wants: by the whole table at first and after a failure, when it is not known what the
 * kernel has, by differences from then on. One write at a time; the model may go on changing during it.
 */
export class RuleWriter<Collection extends string> {
  readonly #kernel: Kernel;
  readonly #layout: TableLayout<Collection>;
  /** Chains that the table has; unset: the table is to be written anew. */
  #chains: ReadonlySet<string> | undefined;
  /** Flows to forget once the rules that led to them are gone. */
  #lost: Flow[] = [];

  constructor(kernel: Kernel, layout: TableLayout<Collection>) {
    this.#kernel = kernel;
    this.#layout = layout;
  }

  /** Somebody else may have changed the table: the next write is of all of it. */
  mistrust(): void {
    this.#chains = undefined;
  }

  /** Rejects with what the kernel refused, which then has what it had before. */
  async write(model: TableModel<Collection>): Promise<Written> {
    const chains = this.#chains;
    const whole = chains === undefined ? model.elements() : undefined;
    const { add, remove } = whole === undefined ? model.difference() : { add: whole, remove: [] };
    this.#lost.push(...model.taken());
    const isNothing = whole === undefined && add.length + remove.length === 0;
    if (!isNothing) {
      this.#chains = undefined;
      await this.#kernel.transact(
        chains === undefined ? wholeTable(this.#layout, add) : tableChange(this.#layout, { add, remove }, chains),
      );
    }
    this.#chains = new Set([...(chains ?? []), ...chainsOf(this.#layout, add)]);
    const lost = this.#lost.splice(0);
    if (lost.length > 0) await this.#kernel.forget(lost);
    const kind = isNothing ? 'nothing' : whole === undefined ? 'difference' : 'whole table';
    return { kind, added: add.length, removed: remove.length };
  }
}
