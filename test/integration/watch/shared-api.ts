import { after, test } from 'node:test';
import { Namespaces, ServiceAccounts } from '../../../src/api/core/v1/types.ts';
import { objectsIn } from './objects.ts';
import { startWatchedApi, type WatchedApi, type Way } from './watched-api.ts';

interface Place extends ReturnType<typeof objectsIn> {
  readonly api: WatchedApi;
  /** Of the test alone. */
  readonly namespace: string;
}

/** One server for tests that do nothing to it, each with a namespace of its own. Must be made in a `describe`. */
export class SharedApi {
  readonly #way: Way;
  #api: Promise<WatchedApi> | undefined;
  #count = 0;

  constructor(way: Way) {
    this.#way = way;
    after(async () => (await this.#api)?.[Symbol.asyncDispose]());
  }

  test(name: string, body: (place: Place) => Promise<void>): void {
    const namespace = `test-${this.#count++}`;
    test(name, async () => {
      const api = await (this.#api ??= startWatchedApi(this.#way));
      await api.client.create(Namespaces, { metadata: { name: namespace }, spec: {} });
      await api.client.create(ServiceAccounts, { metadata: { name: 'default', namespace } });
      await body({ api, namespace, ...objectsIn(namespace) });
    });
  }
}
