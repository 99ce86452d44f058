import { request } from 'node:https';
import type { WatchEvent } from '../../../src/apimachinery/request.ts';
import type { ResourceType } from '../../../src/apimachinery/resource-type.ts';
import { StatusError } from '../../../src/apimachinery/status.ts';
import { superuser } from '../../../src/apiserver/api-server.ts';
import { systemClock } from '../../../src/base/system-clock.ts';
import { refusal } from '../../../src/client/answers.ts';
import type { Client } from '../../../src/client/client.ts';
import { JsonLines } from '../../../src/client/json-lines.ts';
import { HttpConnection } from '../../../src/client/node/http-connection.ts';
import { requestPath } from '../../../src/apimachinery/request-path.ts';
import { createClient } from '../../../src/client/typed-client.ts';
import { MemoryStore } from '../../../src/store/memory/memory-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';
import { startMemoryApi, type MemoryApiOptions } from '../../kit/memory-api.ts';

/** How a client reaches the server whose lists and watches are tested. */
export type Way = 'HTTP/1.1' | 'HTTP/2' | 'in process';

/** The query of a list or watch, and its namespace. */
export interface Wanted {
  readonly namespace?: string;
  readonly [option: string]: string | undefined;
}

/** One open watch. What is not asked for is not read. */
export interface OpenWatch extends AsyncDisposable {
  /** The next event, also of type ERROR; undefined after a clean end. Rejects where the stream broke. */
  next(): Promise<WatchEvent | undefined>;
  stop(): void;
}

/** A server that can be started anew over the same store. */
export interface WatchedApi extends AsyncDisposable {
  readonly store: Store;
  /** Calls in the same process, to write; of the server that runs now. */
  readonly client: Client;
  list(type: ResourceType, wanted?: Wanted): Promise<any>;
  /** Rejects with the Status of a refusal. `accept` counts over HTTP only. */
  watch(type: ResourceType, wanted?: Wanted, accept?: string): Promise<OpenWatch>;
  /** Ends the server and starts another one; open watches break. */
  restart(): Promise<void>;
}

export async function startWatchedApi(way: Way, options: MemoryApiOptions = {}): Promise<WatchedApi> {
  const store = options.store ?? new MemoryStore({ clock: systemClock });
  let running = await start(way, { ...options, store });
  return {
    store,
    get client() {
      return running.client;
    },
    list: (type, wanted) => running.list(type, wanted),
    watch: (type, wanted, accept) => running.watch(type, wanted, accept),
    async restart() {
      await running[Symbol.asyncDispose]();
      running = await start(way, { ...options, store });
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

/** Whether an event tells of an error: its object is a Status. */
export function isError(event: WatchEvent): boolean {
  return (event.type as string) === 'ERROR';
}

/** The events of `watch` until `isLast`, that one included. */
export async function eventsUntil(watch: OpenWatch, isLast: (event: WatchEvent) => boolean): Promise<WatchEvent[]> {
  const events: WatchEvent[] = [];
  for (;;) {
    const event = await watch.next();
    if (event === undefined) throw new Error(`The watch ended after ${events.map(textOf).join(', ') || 'nothing'}`);
    events.push(event);
    if (isLast(event)) return events;
  }
}

/** `ADDED web`, `ERROR 410`, `BOOKMARK`. */
export function textOf({ type, object }: WatchEvent): string {
  const code = (object as unknown as { code?: number }).code;
  return [type, code ?? object.metadata?.name].filter((part) => part !== undefined).join(' ');
}

type Running = Pick<WatchedApi, 'client' | 'list' | 'watch'> & AsyncDisposable;

function start(way: Way, options: MemoryApiOptions): Promise<Running> {
  return way === 'in process' ? startInProcess(options) : startOverHttps(way, options);
}

async function startInProcess(options: MemoryApiOptions): Promise<Running> {
  const api = await startMemoryApi(options);
  const transport = api.transport(superuser, 'test');
  return {
    client: createClient(transport),
    list: (type, wanted) => transport.call({ verb: 'list', ...targetOf(type, wanted) }),
    async watch(type, wanted) {
      const stop = new AbortController();
      const events = transport.watch({ verb: 'watch', ...targetOf(type, wanted) }, stop.signal);
      return openWatch(begun(withErrors(events[Symbol.asyncIterator]())), () => stop.abort());
    },
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  };
}

async function startOverHttps(way: Way, options: MemoryApiOptions): Promise<Running> {
  await using opened = new AsyncDisposableStack();
  const api = opened.use(await startHttpsApi(options));
  const open = way === 'HTTP/2' ? overHttp2(api, opened) : overHttp1(api);
  const stack = opened.move();
  return {
    client: api.client,
    async list(type, wanted) {
      const { status, body } = await open(requestPath({ verb: 'list', ...targetOf(type, wanted) }));
      const text = Buffer.concat(await Array.fromAsync(body)).toString();
      if (status !== 200) throw refusal(status, text);
      return JSON.parse(text);
    },
    async watch(type, wanted, accept) {
      const path = requestPath({ verb: 'watch', ...targetOf(type, wanted) });
      const { status, body, stop } = await open(path, accept);
      if (status !== 200) throw refusal(status, Buffer.concat(await Array.fromAsync(body)).toString());
      return openWatch(eventsOf(body), stop);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

interface Opened {
  readonly status: number;
  readonly body: AsyncIterable<Uint8Array>;
  stop(): void;
}

type Open = (path: string, accept?: string) => Promise<Opened>;

function overHttp2({ access }: HttpsApi, opened: AsyncDisposableStack): Open {
  const connection = opened.use(new HttpConnection(() => access, systemClock));
  return async (path, accept = 'application/json') => {
    const stop = new AbortController();
    const answer = await connection.send({ method: 'GET', path, headers: { accept }, signal: stop.signal });
    return { ...answer, stop: () => stop.abort() };
  };
}

function overHttp1({ access: { server, ca, cert, key } }: HttpsApi): Open {
  return (path, accept = 'application/json') =>
    new Promise((resolve, reject) => {
      const call = request(`${server}${path}`, { ca, cert, key, agent: false, headers: { accept } }, (answer) =>
        resolve({ status: answer.statusCode!, body: answer, stop: () => call.destroy() }),
      );
      call.on('error', reject).end();
    });
}

async function* eventsOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<WatchEvent, undefined> {
  const lines = new JsonLines();
  for await (const chunk of body) yield* lines.push(chunk) as WatchEvent[];
}

/** In process an ERROR event is thrown. */
async function* withErrors(events: AsyncIterator<WatchEvent>): AsyncGenerator<WatchEvent, undefined> {
  try {
    for (let next = await events.next(); next.done !== true; next = await events.next()) yield next.value;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    yield { type: 'ERROR', object: error.status } as unknown as WatchEvent;
  }
}

/** A watch in the same process only begins when its first event is asked for. */
function begun(events: AsyncGenerator<WatchEvent, undefined>): AsyncGenerator<WatchEvent, undefined> {
  const first = events.next();
  first.catch(() => {});
  return (async function* (): AsyncGenerator<WatchEvent, undefined> {
    for (let next = await first; next.done !== true; next = await events.next()) yield next.value;
  })();
}

function openWatch(events: AsyncGenerator<WatchEvent, undefined>, stop: () => void): OpenWatch {
  return {
    async next() {
      return (await events.next()).value;
    },
    stop,
    async [Symbol.asyncDispose]() {
      stop();
      await events.return(undefined).catch(() => {});
    },
  };
}

function targetOf(type: ResourceType, { namespace, ...options }: Wanted = {}) {
  const given = Object.entries(options).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { type, ...(namespace === undefined ? {} : { namespace }), options: Object.fromEntries(given) };
}
