import { execFile } from 'node:child_process';
import { isIPv6 } from 'node:net';
import { promisify } from 'node:util';

/**
 * Gives this machine, or the network namespace that we are in, the address as one of its own. Done again it changes
 * nothing. On the loopback device, because not every kernel has others that lead nowhere.
 */
export async function claimOwnAddress(address: string): Promise<void> {
  const range = `${address}/${isIPv6(address) ? 128 : 32}`;
  try {
    await promisify(execFile)('ip', ['address', 'replace', range, 'dev', 'lo']);
  } catch (cause) {
    const reason = String((cause as { stderr?: string }).stderr ?? (cause as Error).message).trim();
    throw new Error(`Cannot make "${address}" an address of this node: ${reason}`, { cause });
  }
}
