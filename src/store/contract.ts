import { describe } from 'node:test';
import { VirtualClock } from '../base/virtual-clock.ts';
import { describeCompaction } from './contract/compaction.ts';
import { describeExpiry } from './contract/expiry.ts';
import { describeLists } from './contract/lists.ts';
import { describeModel } from './contract/model.ts';
import { describeWatches } from './contract/watches.ts';
import { describeWrites } from './contract/writes.ts';
import type { Store } from './store.ts';

/** Makes an empty store that reads time from `clock`. The suite disposes it. */
export type OpenStore = (clock: VirtualClock) => Promise<Store>;

/** The rules every {@link Store} keeps, run against each implementation. */
export function describeStoreContract(name: string, open: OpenStore): void {
  describe(`${name} keeps the store contract`, () => {
    const openNow = (): Promise<Store> => open(new VirtualClock());
    describeWrites(openNow);
    describeLists(openNow);
    describeWatches(openNow);
    describeCompaction(openNow);
    describeExpiry(open);
    describeModel(openNow);
  });
}
