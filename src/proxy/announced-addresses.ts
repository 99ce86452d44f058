import { createSocket } from 'node:dgram';
import { run } from '../base/node/command.ts';

/** The load balancers' addresses on a network interface. */
export interface AnnouncedAddresses {
  list(): Promise<string[]>;
  add(address: string): Promise<void>;
  remove(address: string): Promise<void>;
}

/** Marks our addresses among those of the interface. */
const label = 'lb';
const discardPort = 9;

/** Those on an interface of the network namespace in which this process runs. */
export function openAddresses(device = 'eth0'): AnnouncedAddresses {
  return {
    async list() {
      const shown = await run('ip', ['-json', '-4', 'address', 'show', 'dev', device, 'label', `${device}:${label}`]);
      const links: { addr_info?: { local?: string }[] }[] = shown.trim() === '' ? [] : JSON.parse(shown);
      return links.flatMap(({ addr_info = [] }) => addr_info.flatMap(({ local }) => local ?? []));
    },
    async add(address) {
      await run('ip', ['address', 'replace', `${address}/32`, 'dev', device, 'label', `${device}:${label}`]);
      await tellGateway(address, device).catch(() => undefined); // it finds out by itself, later
    },
    async remove(address) {
      await run('ip', ['address', 'delete', `${address}/32`, 'dev', device]);
    },
  };
}

/**
 * Lets the gateway know that the address has moved here. The kernel tells nobody when an address is added; but when it has
 * to look for its gateway, it asks in the name of the address that wants to send, and the asked one takes note of it.
 */
async function tellGateway(address: string, device: string): Promise<void> {
  const routes: { gateway?: string }[] = JSON.parse(await run('ip', ['-json', 'route', 'show', 'default']));
  const gateway = routes.find((route) => route.gateway !== undefined)?.gateway;
  if (gateway === undefined) return;
  await run('ip', ['neighbour', 'flush', 'to', gateway, 'dev', device]);
  const socket = createSocket('udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      socket.bind(0, address, () =>
        socket.send('', discardPort, gateway, (error) => (error === null ? resolve() : reject(error))),
      );
    });
  } finally {
    socket.close();
  }
}
