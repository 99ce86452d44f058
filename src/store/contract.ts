import { describe } from 'node:test';
import { VirtualClock } from '../base/virtual-clock.ts';
import { describeCompaction } from './contract/compaction.ts';
import { describeLeases } from './contract/leases.ts';
import { describeModel } from './contract/model.ts';
import { describeRanges } from './contract/ranges.ts';
import { describeTransactions } from './contract/transactions.ts';
import { describeWatches } from './contract/watches.ts';
import type { Store } from './store.ts';

/** Makes an empty store that reads time from `clock`. The suite disposes it. */
export type OpenStore = (clock: VirtualClock) => Promise<Store>;

/**
 * The rules every {@link Store} keeps, run against each implementation. It takes revisions from answers only: a store may
 * begin at any, and leave out as many as it likes.
 */
export function describeStoreContract(name: string, open: OpenStore): void {
  describe(`${name} keeps the store contract`, () => {
    const openNow = (): Promise<Store> => open(new VirtualClock());
    describeTransactions(openNow);
    describeRanges(openNow);
    describeWatches(openNow);
    describeCompaction(openNow);
    describeLeases(open);
    describeModel(openNow);
  });
}
