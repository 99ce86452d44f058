import { readTextIfThere } from '../base/node/files.ts';

/** How the machine resolves names, as far as nodes must know. */
export interface Resolver {
  /** The file that tells pods and nodes the machine's name servers. */
  readonly file: string;
  /**
   * Set where programs of the machine ask a server on a loopback address, which inside a node is another one: such
   * questions must go to `upstream` instead.
   */
  readonly redirect?: { readonly from: string; readonly upstream: string };
}

const usualFile = '/etc/resolv.conf';
/** Where systemd-resolved names the servers that it asks itself. */
const upstreamFile = '/run/systemd/resolve/resolv.conf';

export async function machineResolver(): Promise<Resolver> {
  return chooseResolver((await readTextIfThere(usualFile)) ?? '', (await readTextIfThere(upstreamFile)) ?? '');
}

/** Decides by the texts of the usual file and of systemd-resolved's. Pure. */
export function chooseResolver(usual: string, behind: string): Resolver {
  const from = nameServers(usual).find(isLoopback);
  const upstream = nameServers(behind).find((server) => !isLoopback(server));
  if (from === undefined || upstream === undefined) return { file: usualFile };
  return { file: upstreamFile, redirect: { from, upstream } };
}

/** The IPv4 name servers of a resolv.conf. */
function nameServers(text: string): string[] {
  return [...text.matchAll(/^\s*nameserver\s+(\d+\.\d+\.\d+\.\d+)\s*$/gm)].map((match) => match[1]!);
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.');
}
