import { run } from '../../base/node/command.ts';
import { policyTable } from './policy-table.ts';

/** A connection that policies refused, as the kernel remembers it. */
export interface RefusedFlow {
  /** The number of the profile that let it through by none of its steps. */
  readonly profile: number;
  readonly from: string;
  readonly to: string;
  /** `tcp`, or a number where it has no name. */
  readonly protocol: string;
  /** Means nothing where the protocol has no ports. */
  readonly port: number;
  readonly packets: number;
}

/** What the kernel has counted of refused packets. */
export interface RefusalSets {
  /** Packets by the number of the profile. Counts begin anew when the table is replaced, or after an hour of peace. */
  denied(): Promise<ReadonlyMap<number, number>>;
  /** The newest refused connections, of the last minutes. */
  flows(): Promise<readonly RefusedFlow[]>;
}

interface Counted<Key> {
  readonly elem: { readonly val: Key; readonly counter: { readonly packets: number } };
}

/** `start` runs a program in the network namespace that is meant (default: that of this process). */
export function openRefusalSets(start: typeof run = run): RefusalSets {
  async function list<Key>(set: string): Promise<Counted<Key>[]> {
    const answer = JSON.parse(await start('nft', ['-j', 'list', 'set', 'ip', policyTable.name, set]));
    return answer.nftables.find((one: object) => 'set' in one)?.set.elem ?? [];
  }
  return {
    async denied() {
      const all = await list<number>('denied');
      return new Map(all.map(({ elem }) => [elem.val, elem.counter.packets]));
    },
    async flows() {
      const all = await list<{ concat: [number, string, string, string | number, number] }>('refused');
      return all.map(({ elem: { val, counter } }) => {
        const [profile, from, to, protocol, port] = val.concat;
        return { profile, from, to, protocol: String(protocol), port, packets: counter.packets };
      });
    },
  };
}
