import { cidr, overlap, type Cidr } from './cidr.ts';
import { takeLock } from './lock.ts';
import { chooseRanges, type AskedRanges, type ClusterRanges } from './network-plan.ts';

/** Ranges that nobody else on this machine gets as long as they are held. */
export interface HeldRanges extends AsyncDisposable {
  readonly ranges: ClusterRanges;
}

/**
 * Chooses ranges for a new cluster, as {@link chooseRanges} does, and holds those of its nodes. A range is seen in
 * `taken` (asked more than once) only when its network is made; until then other programs, which may keep their clusters
 * elsewhere, know of it by the lock. `reserved` are ranges that are to be free for others.
 */
export async function holdRanges(
  taken: () => Promise<readonly Cidr[]>,
  reserved: readonly Cidr[] = [],
  asked: AskedRanges = {},
): Promise<HeldRanges> {
  const heldByOthers: Cidr[] = [];
  for (;;) {
    const ranges = chooseRanges([...(await taken()), ...reserved, ...heldByOthers], asked);
    const nodes = cidr(ranges.nodes);
    await using tried = new AsyncDisposableStack();
    const lock = tried.use(await takeLock(`node range ${ranges.nodes}`));
    if (lock === undefined) {
      heldByOthers.push(nodes);
      continue;
    }
    // Whoever had the lock before may have made the network since the first look.
    if ((await taken()).some((other) => overlap(other, nodes))) continue;
    const held = tried.move();
    return { ranges, [Symbol.asyncDispose]: () => held.disposeAsync() };
  }
}
