import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMaps, Namespaces } from '../../src/api/core/v1/types.ts';
import type { Client } from '../../src/client/client.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { pause, startServerProcess, type ServerProcess } from '../kit/server-process.ts';

const namespace = 'kill';
const kills = 20;
const writers = 8;

test(`kill -9 of the server at ${kills} moments loses no acknowledged write, and a resuming watcher sees each revision once`, async () => {
  await using server = await startServerProcess();
  const { client } = server;
  await client.create(Namespaces, { metadata: { name: namespace }, spec: {} });
  const random = new SeededRandom('kill');
  const acknowledged = new Map<string, string>();
  const watcher = new Watcher(server);
  await watcher.begin();
  let round = 0;

  for (; round < kills; round++) {
    const stop = new AbortController();
    const writing = Promise.all(
      Array.from({ length: writers }, (_, writer) => write(client, `${round}-${writer}`, acknowledged, stop.signal)),
    );
    const watching = watcher.follow(stop.signal);
    await pause(20 + random.next() * 230);
    await server.kill('SIGKILL');
    stop.abort();
    await Promise.all([writing, watching]);
    await server.restart();
    assert.equal(await missing(client, acknowledged), 0, `an acknowledged write is gone after kill ${round + 1}`);
  }

  assert.ok(
    acknowledged.size > kills * 5,
    `only ${acknowledged.size} writes were acknowledged: the test proves little`,
  );
  await watcher.catchUp();
  const { items, metadata } = await client.list(ConfigMaps, { namespace });
  const wanted = items
    .filter(({ metadata: { name } }) => name.startsWith('w-'))
    .map((item) => `${item.metadata.resourceVersion} ${item.metadata.name}`);
  const seen = watcher.seen.filter(([, name]) => name.startsWith('w-')).map(([version, name]) => `${version} ${name}`);
  assert.deepEqual(
    [...seen].sort(),
    wanted.sort(),
    `the watcher saw other revisions than the store has at ${metadata.resourceVersion}`,
  );
  const versions = watcher.seen.map(([version]) => Number(version));
  assert.deepEqual(
    versions,
    [...versions].sort((a, b) => a - b),
    'revisions came out of order',
  );
  assert.equal(new Set(versions).size, versions.length, 'a revision came twice');
});

/** Creates config maps as fast as they are answered until the server is gone. */
async function write(
  client: Client,
  prefix: string,
  acknowledged: Map<string, string>,
  signal: AbortSignal,
): Promise<void> {
  for (let number = 0; !signal.aborted; number++) {
    const name = `w-${prefix}-${number}`;
    try {
      const { metadata } = await client.create(ConfigMaps, { metadata: { name, namespace }, data: { name } });
      acknowledged.set(name, metadata.resourceVersion!);
    } catch {
      return;
    }
  }
}

async function missing(client: Client, acknowledged: ReadonlyMap<string, string>): Promise<number> {
  const { items } = await client.list(ConfigMaps, { namespace });
  const there = new Map(items.map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
  return [...acknowledged].filter(([name, version]) => there.get(name) !== version).length;
}

/** Watches from the last version that it has seen, across restarts of the server. */
class Watcher {
  readonly seen: [version: string, name: string][] = [];
  readonly #client: Client;
  #version = '';

  constructor({ client }: ServerProcess) {
    this.#client = client;
  }

  async begin(): Promise<void> {
    const { metadata } = await this.#client.list(ConfigMaps, { namespace });
    this.#version = metadata.resourceVersion!;
  }

  async follow(signal: AbortSignal): Promise<void> {
    try {
      for await (const { type, object } of this.#client.watch(ConfigMaps, {
        namespace,
        resourceVersion: this.#version,
        signal,
      })) {
        this.#version = object.metadata.resourceVersion!;
        if (type !== 'BOOKMARK') this.seen.push([this.#version, object.metadata.name]);
      }
    } catch (error) {
      // The connection broke with the server; anything that the server itself said is a failure.
      if (error instanceof Error && error.name === 'StatusError') throw error;
    }
  }

  /** Goes on until it has seen a write made after all others. */
  async catchUp(): Promise<void> {
    const stop = new AbortController();
    const last = await this.#client.create(ConfigMaps, { metadata: { name: 'last', namespace } });
    const following = this.follow(stop.signal);
    while (this.#version !== last.metadata.resourceVersion) await pause(10);
    stop.abort();
    await following;
  }
}
