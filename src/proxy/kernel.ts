import { run, type CommandOptions } from '../base/node/command.ts';
import { Serial } from '../base/serial.ts';
import { NftSession, type Within } from './nft-session.ts';
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
/** More is carried out by an nft of its own, which gives its memory back. */
const mostLetters = 64 * 1024;

/** `within` tells how a program is started in the network namespace that is meant (default: that of this process). */
export function openKernel(within: Within = (program, args) => [program, args]): Kernel & AsyncDisposable {
  const session = new NftSession(within);
  const line = new Serial();
  const start = (program: string, args: readonly string[], options: CommandOptions): Promise<string> =>
    run(...within(program, args), options);
  return {
    async transact(commands) {
      // Whatever is wrong with the nft that stays, another one carries them out, or says why not.
      const isDone = commands.length <= mostLetters && (await line.run(() => session.transact(commands)).then(yes, no));
      if (!isDone) await start('nft', ['-f', '-'], { input: commands, env: hugePages });
    },
    async forget(flows) {
      // conntrack opens its standard input once more, which only a pipe allows; what Node gives it is a socket.
      await start('sh', ['-c', 'cat | conntrack --load-file -'], {
        input: flows.map((flow) => `${deletion(flow)}\n`).join(''),
      });
    },
    [Symbol.asyncDispose]: () => line.run(() => session[Symbol.asyncDispose]()),
  };
}

const no = (): boolean => false;
const yes = (): boolean => true;

function deletion({ address, port, endpoint }: Flow): string {
  const [target, targetPort] = endpoint.split(' . ');
  return [
    `--delete --proto udp --orig-dst ${address} --orig-port-dst ${port}`,
    `--reply-src ${target} --reply-port-src ${targetPort}`,
  ].join(' ');
}
