import { aborted } from '../base/abort.ts';
import { Backoff } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import { Forwarder } from './forward/forwarder.ts';
import type { NameServer } from './forward/name-server.ts';
import { createResponder, type Respond } from './server/responder.ts';
import { listenOverTcp } from './server/tcp-listener.ts';
import { listenOverUdp, type Listener } from './server/udp-listener.ts';
import { watchZone } from './zone/watched-zone.ts';

export interface DnsOptions {
  /** May list and watch namespaces, services and endpointslices. */
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Stops it. */
  readonly signal: AbortSignal;
  /** `cluster.local`. */
  readonly domain: string;
  /** Where questions come, over UDP and TCP. Port 0 takes a free one. */
  readonly listen: NameServer;
  /** Who is asked for names outside the cluster, in this order. */
  readonly nameServers: readonly NameServer[];
  /** Makes the address one of this machine, before each attempt to listen on it (default: it is one). */
  readonly claimAddress?: (host: string) => Promise<void>;
}

/** A running DNS server. */
export interface Dns {
  /** Resolves with the port when questions are heard; those about the cluster are answered once it is known. */
  readonly listening: Promise<number>;
  /** Resolves when nothing of it is under way any more, after the signal. */
  readonly stopped: Promise<void>;
}

const retries = { initialMs: 200, maximumMs: 10_000, jitter: 0.2 };

/** Answers for the names of the cluster, and asks others for the rest. */
export function startDns(options: DnsOptions): Dns {
  const { listen, signal, log } = options;
  const zone = watchZone({ ...options, server: listen.host });
  // Who asks itself never comes to an end.
  const servers = options.nameServers.filter(({ host, port }) => host !== listen.host || port !== listen.port);
  const respond = createResponder({ ...options, zone, forwarder: new Forwarder({ ...options, servers }) });
  const { promise: listening, resolve, reject } = Promise.withResolvers<number>();
  listening.catch(() => {}); // it may never come to listen, which is only told to who waits for it
  const serve = async (): Promise<void> => {
    const listener = await listenAtLast(options, respond);
    if (listener !== undefined) {
      resolve(listener.port);
      log.info('DNS answers', { address: listen.host, port: listener.port });
      await aborted(signal);
      await listener[Symbol.asyncDispose]();
    }
    reject(signal.reason);
  };
  return { listening, stopped: serve() };
}

/** Listens, however long it takes: an earlier server may still have the sockets. */
async function listenAtLast(options: DnsOptions, respond: Respond): Promise<Listener | undefined> {
  const { clock, random, log, signal, listen } = options;
  const backoff = new Backoff(retries, random);
  while (!signal.aborted) {
    try {
      return await listenOverBoth(options, respond);
    } catch (error) {
      log.warn('DNS cannot listen', { address: listen.host, port: listen.port, error: (error as Error).message });
      await clock.sleep(backoff.next(), signal).catch(() => {});
    }
  }
  return undefined;
}

async function listenOverBoth(options: DnsOptions, respond: Respond): Promise<Listener> {
  const { listen, clock, log } = options;
  await options.claimAddress?.(listen.host);
  await using opened = new AsyncDisposableStack();
  const { port } = opened.use(await listenOverUdp({ ...listen, respond, log }));
  opened.use(await listenOverTcp({ ...listen, port, respond, log, clock }));
  const listeners = opened.move();
  return { port, [Symbol.asyncDispose]: () => listeners.disposeAsync() };
}
