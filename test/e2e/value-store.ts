import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A server outside of the cluster that keeps secrets, as far as a store of External Secrets asks one. */
export interface ValueStore extends AsyncDisposable {
  readonly url: string;
  /** By the path below the address; what is set here is what the next request gets. */
  readonly values: Map<string, string>;
  /** While it is set, all are refused with this status. */
  failsWith: number | undefined;
}

/** Answers to who knows `token`, on an address of this machine. */
export async function startValueStore(address: string, token: string): Promise<ValueStore> {
  const values = new Map<string, string>();
  const server = createServer((request, response) => {
    const key = request.url!.slice(1);
    const answer = (code: number, body?: object): void => void response.writeHead(code).end(JSON.stringify(body));
    if (store.failsWith !== undefined) return answer(store.failsWith);
    if (request.headers.authorization !== `Bearer ${token}`) return answer(401);
    if (request.method === 'PUT')
      return void text(request).then(
        (value) => (values.set(key, value), answer(204)),
        () => {},
      );
    const value = values.get(key);
    return value === undefined ? answer(404) : answer(200, { value });
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const store: ValueStore = {
    url: `http://${address}:${(server.address() as AddressInfo).port}`,
    values,
    failsWith: undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return store;
}
