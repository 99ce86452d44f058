import { watch } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Backoff } from '../../../base/backoff.ts';
import { Bell } from '../../../base/bell.ts';
import type { Clock } from '../../../base/clock.ts';
import type { Logger } from '../../../base/logger.ts';
import type { Received } from '../../runtime/cri/messages.ts';
import type { RegisteredDriver } from './csi-driver.ts';
import { connectCsi, withPlugin } from './csi-node-service.ts';

export interface PluginRegistryOptions {
  /** The kubelet's, absolute. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Tells the API of a driver. Rejects where that cannot be. */
  readonly registered: (name: string, info: Received<'NodeGetInfoResponse'>) => Promise<void>;
  readonly unregistered: (name: string) => Promise<void>;
  /** A driver can be called from now on. */
  readonly onRegistered: () => void;
}

/** Where Kubernetes has the kubelet's folder: drivers in pods are installed with such paths. */
export const usualFolder = '/var/lib/kubelet';
/** A change in the folder is told by the kernel; this is for who misses one. */
const lookMs = 600_000;
const lookUnwatchedMs = 10_000;

/** Between tries. */
const pauses = { initialMs: 500, maximumMs: 120_000 };

interface Plugin {
  readonly name: string;
  readonly inode: number;
  readonly driver: RegisteredDriver;
}

/** What is tried again: when, in milliseconds since the epoch. */
interface Retry {
  readonly backoff: Backoff;
  at: number;
}

interface Waiting extends Retry {
  readonly inode: number;
}

/**
 * The CSI drivers of a node. Each lays a socket into `plugins_registry`, there says who it is and where it listens, and goes
 * when it takes the socket away. One that gives no useful answer is asked again, with growing pauses.
 */
export class PluginRegistry {
  readonly #options: PluginRegistryOptions;
  readonly #registry: string;
  readonly #bell: Bell;
  /** By the names of their sockets. */
  readonly #plugins = new Map<string, Plugin>();
  readonly #waiting = new Map<string, Waiting>();
  /** Drivers that have gone, of which the API is still to be told, by their names. */
  readonly #gone = new Map<string, Retry>();

  constructor(options: PluginRegistryOptions) {
    this.#options = options;
    this.#registry = join(options.folder, 'plugins_registry');
    this.#bell = new Bell(options.clock, options.signal);
  }

  driver(name: string): RegisteredDriver | undefined {
    for (const plugin of this.#plugins.values()) if (plugin.name === name) return plugin.driver;
    return undefined;
  }

  /** Resolves when the signal has aborted. */
  async run(): Promise<void> {
    const { clock, log, signal } = this.#options;
    await mkdir(this.#registry, { recursive: true, mode: 0o750 });
    const isWatched = this.#watch();
    while (!signal.aborted) {
      await this.#look().catch((error) => log.warn('plugins were not looked for', { error: String(error) }));
      const next = [...this.#waiting.values(), ...this.#gone.values()].map(({ at }) => Math.max(0, at - clock.now()));
      await this.#bell.rung(Math.min(isWatched ? lookMs : lookUnwatchedMs, ...next));
    }
    for (const { driver } of this.#plugins.values()) driver.service[Symbol.dispose]();
  }

  /** Until the signal aborts. Answers whether the kernel tells of changes: a machine has a bound of what it watches. */
  #watch(): boolean {
    const { log, signal } = this.#options;
    try {
      const watcher = watch(this.#registry, { signal }, () => this.#bell.ring());
      watcher.on('error', (error) => log.warn('the folder of plugins is not watched', { error: String(error) }));
      return true;
    } catch (error) {
      log.warn('the folder of plugins cannot be watched', { error: String(error) });
      return false;
    }
  }

  async #look(): Promise<void> {
    const { clock } = this.#options;
    const sockets = new Map<string, number>();
    for (const name of await readdir(this.#registry)) {
      const found = await stat(join(this.#registry, name)).catch(() => undefined);
      if (found?.isSocket()) sockets.set(name, found.ino);
    }
    for (const [socket, plugin] of this.#plugins)
      if (sockets.get(socket) !== plugin.inode) this.#unregister(socket, plugin);
    for (const [socket, { inode }] of this.#waiting) if (sockets.get(socket) !== inode) this.#waiting.delete(socket);
    for (const [socket, inode] of sockets) {
      const waiting = this.#waiting.get(socket);
      if (!this.#plugins.has(socket) && (waiting?.at ?? 0) <= clock.now()) await this.#register(socket, inode, waiting);
    }
    for (const [name, retry] of this.#gone) if (retry.at <= clock.now()) await this.#tellGone(name, retry);
  }

  async #register(socket: string, inode: number, waiting: Waiting | undefined): Promise<void> {
    const { clock, log } = this.#options;
    const path = join(this.#registry, socket);
    try {
      await withPlugin(path, clock, async (plugin) => {
        const { type, name, endpoint, supportedVersions } = await plugin.info();
        let driver: RegisteredDriver;
        try {
          if (type !== 'CSIPlugin') throw new Error(`plugins of type ${JSON.stringify(type)} are not supported`);
          if (!supportedVersions.some((version) => /^v?1\./.test(version)))
            throw new Error(`versions of plugin ${JSON.stringify(name)} are not supported: ${supportedVersions}`);
          driver = await this.#taken(name, endpoint === '' ? path : endpoint);
        } catch (error) {
          await plugin.registered(String(error));
          throw error;
        }
        this.#plugins.set(socket, { name, inode, driver });
        log.info('a CSI driver has registered', { name, endpoint });
        this.#options.onRegistered();
        // As in Kubernetes it stays registered if it cannot be told so.
        await plugin.registered(undefined).catch((error) => {
          log.warn('a CSI driver was not told that it has registered', { name, error: String(error) });
        });
      });
      this.#waiting.delete(socket);
    } catch (error) {
      log.warn('a plugin was not registered', { socket, error: String(error) });
      const backoff = waiting?.backoff ?? new Backoff(pauses);
      this.#waiting.set(socket, { inode, backoff, at: clock.now() + backoff.next() });
    }
  }

  /** A driver that the API has been told of. */
  async #taken(name: string, endpoint: string): Promise<RegisteredDriver> {
    const driver = this.#connect(endpoint);
    try {
      await this.#options.registered(name, await driver.service.info());
      return driver;
    } catch (error) {
      driver.service[Symbol.dispose]();
      throw error;
    }
  }

  /** A driver in a pod sees the kubelet's folder where Kubernetes has it, and tells paths as it sees them. */
  #connect(endpoint: string): RegisteredDriver {
    const { folder, clock } = this.#options;
    const isInPod = folder !== usualFolder && endpoint.startsWith(`${usualFolder}/`);
    const socket = isInPod ? folder + endpoint.slice(usualFolder.length) : endpoint;
    return {
      service: connectCsi(socket, clock),
      seen: (path) => (isInPod && path.startsWith(`${folder}/`) ? usualFolder + path.slice(folder.length) : path),
    };
  }

  #unregister(socket: string, { name, driver }: Plugin): void {
    this.#plugins.delete(socket);
    driver.service[Symbol.dispose]();
    this.#options.log.info('a CSI driver has gone', { name });
    this.#gone.set(name, { backoff: new Backoff(pauses), at: 0 });
  }

  /** Where a driver is replaced, the new one may have come before the old one went: then there is nothing to tell. */
  async #tellGone(name: string, retry: Retry): Promise<void> {
    const { clock, log, unregistered } = this.#options;
    try {
      if (this.driver(name) === undefined) await unregistered(name);
      this.#gone.delete(name);
    } catch (error) {
      log.warn('the end of a CSI driver was not told', { name, error: String(error) });
      retry.at = clock.now() + retry.backoff.next();
    }
  }
}
