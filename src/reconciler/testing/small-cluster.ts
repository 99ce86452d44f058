import { silentLogger } from '../../base/logger.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import type { Client } from '../../client/client.ts';
import { createInformerFactory } from '../../client/informer-factory.ts';
import { createClient } from '../../client/typed-client.ts';
import type { Controller } from '../controller.ts';
import { startControllers } from '../run-controller.ts';
import { SmallServer } from './small-server.ts';

/** A {@link SmallServer} on virtual time, and the controllers that work on it until it is disposed of. */
export class SmallCluster implements AsyncDisposable {
  readonly clock = new VirtualClock();
  readonly server: SmallServer;
  readonly client: Client;
  readonly #random = new SeededRandom(1);
  readonly #stop = new AbortController();
  #stopped: Promise<void> | undefined;

  constructor() {
    this.server = new SmallServer(this.clock, this.#random);
    this.client = createClient(this.server);
  }

  /** Once, when the objects are there that they are to find. */
  start(...controllers: readonly Controller[]): void {
    const { clock, client } = this;
    const options = { clock, random: this.#random, log: silentLogger, signal: this.#stop.signal };
    const informers = createInformerFactory(client, options);
    this.#stopped = startControllers(controllers, { client, informers, ...options }).stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.clock.settle();
    await this.#stopped;
  }
}
