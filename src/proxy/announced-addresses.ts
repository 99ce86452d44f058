import { createSocket } from 'node:dgram';
import { run } from '../base/node/command.ts';

/** The load balancers' addresses on a network interface. Each goes by itself unless it is renewed in time. */
export interface AnnouncedAddresses {
  list(): Promise<string[]>;
  add(address: string): Promise<void>;
  /** Lets addresses that are there stay for as long as a new one. */
  renew(addresses: readonly string[]): Promise<void>;
  remove(address: string): Promise<void>;
}

export interface AddressOptions {
  /** Default: `eth0`. */
  readonly device?: string;
  /** How long an address stays, in seconds. */
  readonly lifetimeSeconds?: number;
  /** Runs a program in the network namespace that is meant (default: that of this process). */
  readonly start?: typeof run;
}

/** Marks our addresses among those of the interface. */
const label = 'lb';
const discardPort = 9;
/**
 * Nobody else takes an address away from a node whose agent is dead. The control plane gives a silent node 50 seconds
 * before others take over, so its addresses must be gone by then; an agent that is replaced is back long before.
 */
const defaultLifetimeSeconds = 40;

/** Those on an interface, which the kernel drops at the end of their time. */
export function openAddresses(options: AddressOptions = {}): AnnouncedAddresses {
  const { device = 'eth0', lifetimeSeconds = defaultLifetimeSeconds, start = run } = options;
  const place = (address: string): string =>
    `address replace ${address}/32 dev ${device} label ${device}:${label} ` +
    `valid_lft ${lifetimeSeconds} preferred_lft ${lifetimeSeconds}`;
  return {
    async list() {
      const shown = await start('ip', ['-json', '-4', 'address', 'show', 'dev', device, 'label', `${device}:${label}`]);
      const links: { addr_info?: { local?: string }[] }[] = shown.trim() === '' ? [] : JSON.parse(shown);
      return links.flatMap(({ addr_info = [] }) => addr_info.flatMap(({ local }) => local ?? []));
    },
    async add(address) {
      await start('ip', place(address).split(' '));
      await tellGateway(address, device, start).catch(() => undefined); // it finds out by itself, later
    },
    async renew(addresses) {
      await start('ip', ['-batch', '-'], { input: addresses.map((address) => `${place(address)}\n`).join('') });
    },
    async remove(address) {
      await start('ip', ['address', 'delete', `${address}/32`, 'dev', device]);
    },
  };
}

/**
 * Lets the gateway know that the address has moved here. The kernel tells nobody when an address is added; but when it has
 * to look for its gateway, it asks in the name of the address that wants to send, and the asked one takes note of it.
 */
async function tellGateway(address: string, device: string, start: typeof run): Promise<void> {
  const routes: { gateway?: string }[] = JSON.parse(await start('ip', ['-json', 'route', 'show', 'default']));
  const gateway = routes.find((route) => route.gateway !== undefined)?.gateway;
  if (gateway === undefined) return;
  await start('ip', ['neighbour', 'flush', 'to', gateway, 'dev', device]);
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
