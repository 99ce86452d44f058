import type { Kernel } from './kernel.ts';
import { chainsOf, tableChange, wholeTable, type TableRanges } from './nft-text.ts';
import type { RuleModel } from './rule-model.ts';
import type { Flow } from './traffic-plan.ts';

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
export class RuleWriter {
  readonly #kernel: Kernel;
  readonly #ranges: TableRanges;
  /** Chains that the table has; unset: the table is to be written anew. */
  #chains: ReadonlySet<string> | undefined;
  /** Flows to forget once the rules that led to them are gone. */
  #lost: Flow[] = [];

  constructor(kernel: Kernel, ranges: TableRanges) {
    this.#kernel = kernel;
    this.#ranges = ranges;
  }

  /** Rejects with what the kernel refused, which then has what it had before. */
  async write(model: RuleModel): Promise<Written> {
    const chains = this.#chains;
    const whole = chains === undefined ? model.elements() : undefined;
    const { add, remove } = whole === undefined ? model.difference() : { add: whole, remove: [] };
    this.#lost.push(...model.taken());
    const isNothing = whole === undefined && add.length + remove.length === 0;
    if (!isNothing) {
      this.#chains = undefined;
      await this.#kernel.transact(
        chains === undefined ? wholeTable(add, this.#ranges) : tableChange({ add, remove }, chains),
      );
    }
    this.#chains = new Set([...(chains ?? []), ...chainsOf(add)]);
    const lost = this.#lost.splice(0);
    if (lost.length > 0) await this.#kernel.forget(lost);
    const kind = isNothing ? 'nothing' : whole === undefined ? 'difference' : 'whole table';
    return { kind, added: add.length, removed: remove.length };
  }
}
