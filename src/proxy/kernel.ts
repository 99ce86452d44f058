import { run } from '../base/node/command.ts';
import type { Flow } from './traffic-plan.ts';

/** The packet filter of a network namespace. */
export interface Kernel {
  /** Carries out nftables commands, all or none. Rejects with what nftables said. */
  transact(commands: string): Promise<void>;
  /**
   * Forgets where UDP flows go, so that their next packets are decided anew. Flows that are not there are none to
   * forget.
   */
  forget(flows: readonly Flow[]): Promise<void>;
}

/**
 * nft fills 60 megabytes with 10,000 Services, and to get them from the kernel in small pages takes it longer than all
 * the rest. This asks glibc for huge ones; where there are none, or another libc, nothing happens.
 */
const hugePages = { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' };

/** `start` runs a program in the network namespace that is meant (default: that of this process). */
export function openKernel(start: typeof run = run): Kernel {
  return {
    async transact(commands) {
      await start('nft', ['-f', '-'], { input: commands, env: hugePages });
    },
    async forget(flows) {
      // conntrack opens its standard input once more, which only a pipe allows; what Node gives it is a socket.
      await start('sh', ['-c', 'cat | conntrack --load-file -'], {
        input: flows.map((flow) => `${deletion(flow)}\n`).join(''),
      });
    },
  };
}

function deletion({ address, port, endpoint }: Flow): string {
  const [target, targetPort] = endpoint.split(' . ');
  return [
    `--delete --proto udp --orig-dst ${address} --orig-port-dst ${port}`,
    `--reply-src ${target} --reply-port-src ${targetPort}`,
  ].join(' ');
}
