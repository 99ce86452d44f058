import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';

/** The two ends of a TCP connection over loopback, by their ports. */
export interface Ends {
  readonly from: number;
  readonly to: number;
}

const established = '01';
/** 127.0.0.1 as the kernel prints it, also as an IPv6 address. */
const loopback = /^(?:0000000000000000FFFF0000)?0100007F:([0-9A-F]{4})$/;

/**
 * The user whose program holds the other end of a connection, from the kernel's table of connections (proc_pid_net(5));
 * nothing where the table has no such connection.
 */
export function peerUserIn(table: string, { from, to }: Ends): number | undefined {
  for (const line of table.split('\n').slice(1)) {
    const [, local = '', remote = '', state, , , , user] = line.trim().split(/\s+/);
    if (state === established && portOf(local) === from && portOf(remote) === to) return Number(user);
  }
  return undefined;
}

function portOf(address: string): number | undefined {
  const [, port] = loopback.exec(address) ?? [];
  return port === undefined ? undefined : parseInt(port, 16);
}

/** The user whose program has connected to us. */
export async function peerUser({ remotePort, localPort }: Socket): Promise<number | undefined> {
  if (remotePort === undefined || localPort === undefined) return undefined;
  const ends = { from: remotePort, to: localPort };
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const user = peerUserIn(await readFile(file, 'latin1').catch(() => ''), ends);
    if (user !== undefined) return user;
  }
  return undefined;
}

/** Who may use what this process serves: whoever runs it, and root; with sudo also whoever typed it. */
export function ownUsers({
  uid,
  sudoUid,
}: {
  readonly uid: number;
  readonly sudoUid?: string | undefined;
}): Set<number> {
  const isSudo = uid === 0 && sudoUid !== undefined && /^\d+$/.test(sudoUid);
  return new Set([0, uid, ...(isSudo ? [Number(sudoUid)] : [])]);
}
