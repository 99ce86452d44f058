import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:https';
import { superuser, type ApiServer } from '../../src/apiserver/api-server.ts';
import { createAuthority, issueCertificate, type KeyAndCertificate } from '../../src/apiserver/auth/certificates.ts';
import type { WatchCache } from '../../src/apiserver/cache/watch-cache.ts';
import type { Catalogs } from '../../src/apiserver/catalog/catalogs.ts';
import type { KubeletProxy } from '../../src/apiserver/http/streams.ts';
import type { ShutdownTimes } from '../../src/apiserver/http/shutdown.ts';
import { listenForApi } from '../../src/apiserver/http/api-listener.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { systemRandom } from '../../src/base/system-random.ts';
import type { Client } from '../../src/client/client.ts';
import type { ServerAccess } from '../../src/client/node/http-connection.ts';
import { createClient } from '../../src/client/typed-client.ts';
import { startMemoryApi, type MemoryApiOptions } from './memory-api.ts';

/** An API server alone, over HTTPS on loopback, for tests of what goes over the wire. Nothing writes to it but the test. */
export interface HttpsApi extends AsyncDisposable {
  /** May do everything, in this process. */
  readonly client: Client;
  /** The server itself. */
  readonly server: ApiServer;
  /** What it serves. */
  readonly catalogs: Catalogs;
  /** What it holds in memory. */
  readonly cache: WatchCache;
  /** How the administrator reaches it. */
  readonly access: ServerAccess;
  /** A certificate that the server takes. */
  identity(commonName: string, organizations?: readonly string[]): Promise<KeyAndCertificate>;
  /** The end of serving, before that of the connections. */
  shutDown(): Promise<void>;
  /** As `who`, as the administrator where it is left out, as a stranger where it is null. */
  ask(path: string, options?: Asked): Promise<HttpsAnswer>;
}

export interface Asked {
  readonly who?: KeyAndCertificate | null;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** Sent as JSON; a text or bytes are sent as they are. */
  readonly body?: unknown;
}

export interface HttpsAnswer {
  readonly code: number;
  /** The texts of the `Warning` headers. */
  readonly warnings: readonly string[];
  readonly headers: IncomingHttpHeaders;
  /** What came, before anything is made of it. */
  readonly bytes: Buffer;
  readonly text: string;
  /** The text as JSON; undefined where it is none. */
  readonly body: any;
}

const sources = { clock: systemClock, random: systemRandom };

export interface HttpsApiOptions extends MemoryApiOptions {
  /** Answers in the place of kubelets; without it nobody does. */
  readonly kubelets?: KubeletProxy;
  readonly shutdown?: ShutdownTimes;
}

export async function startHttpsApi({ kubelets, shutdown, ...options }: HttpsApiOptions = {}): Promise<HttpsApi> {
  await using opened = new AsyncDisposableStack();
  const authority = await createAuthority({ commonName: 'cluster', days: 1 }, sources);
  const identity = (commonName: string, organizations: readonly string[] = []) =>
    issueCertificate(authority, { commonName, organizations: [...organizations], usage: 'client', days: 1 }, sources);
  const admin = await identity('admin', ['system:masters']);
  const own = { commonName: 'server', addresses: ['127.0.0.1'], usage: 'server', days: 1 } as const;
  const server = await issueCertificate(authority, own, sources);
  const api = opened.use(await startMemoryApi({ ...options, clientAuthorities: [authority.certificate] }));
  const agents = new Agents();
  const { port, shutDown } = opened.use(
    await listenForApi(api, {
      host: '127.0.0.1',
      port: 0,
      certificate: server.certificate,
      key: server.key,
      clientAuthority: authority.certificate,
      version: 'v1.36.0',
      versionInfo: { major: '1', minor: '36' },
      ...(kubelets && { kubelets }),
      ...(shutdown && { shutdown }),
    }),
  );
  opened.use(agents);
  const stack = opened.move();
  return {
    client: createClient(api.transport(superuser, 'test')),
    server: api,
    catalogs: api.core.catalogs,
    cache: api.core.cache,
    access: {
      server: `https://127.0.0.1:${port}`,
      ca: authority.certificate,
      cert: admin.certificate,
      key: admin.key,
    },
    identity,
    shutDown,
    ask: (path, { who = admin, ...asked } = {}) =>
      send({ port, agent: agents.of(who, authority.certificate) }, path, asked),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** The connections of each identity, kept for its next requests: to make one takes longer than most requests. */
class Agents implements Disposable {
  readonly #agents = new Map<KeyAndCertificate | null, Agent>();

  of(who: KeyAndCertificate | null, ca: string): Agent {
    const identity = who === null ? {} : { cert: who.certificate, key: who.key };
    const agent = this.#agents.get(who) ?? new Agent({ keepAlive: true, ca, ...identity });
    this.#agents.set(who, agent);
    return agent;
  }

  [Symbol.dispose](): void {
    for (const agent of this.#agents.values()) agent.destroy();
  }
}

async function send(
  where: { readonly port: number; readonly agent: Agent },
  path: string,
  { method = 'GET', headers = {}, body }: Asked,
): Promise<HttpsAnswer> {
  const isSentAsIs = typeof body !== 'object' || Buffer.isBuffer(body);
  const sent = isSentAsIs ? (body as Buffer | string | undefined) : JSON.stringify(body);
  // Node tells the length of a body by itself for some methods only.
  const typed =
    sent === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) };
  const { promise, resolve, reject } = Promise.withResolvers<Omit<HttpsAnswer, 'body' | 'text'>>();
  const call = request({ host: '127.0.0.1', path, method, headers: { ...typed, ...headers }, ...where }, (answer) => {
    const parts: Buffer[] = [];
    answer.on('data', (part: Buffer) => void parts.push(part));
    answer.on('end', () =>
      resolve({
        code: answer.statusCode!,
        headers: answer.headers,
        warnings: warningsOf(answer.rawHeaders),
        bytes: Buffer.concat(parts),
      }),
    );
  });
  call.on('error', reject).end(sent);
  const answer = await promise;
  const text = answer.bytes.toString();
  return { ...answer, text, body: isJson(text) ? JSON.parse(text) : undefined };
}

/** A watch answers many values. */
function isJson(text: string): boolean {
  return /^(\{|\[[^+-])/.test(text) && !text.includes('}\n{');
}

/** `299 - "unknown field \"spec.x\""` as the text between the outer quotes. */
function warningsOf(rawHeaders: readonly string[]): string[] {
  const values = rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]!.toLowerCase() === 'warning');
  return values.map((value) => JSON.parse(value.slice(value.indexOf('"'))) as string);
}
