import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { refused, type Status } from '../../apimachinery/status.ts';
import type { Clock } from '../../base/clock.ts';
import { HttpConnection, type ServerAccess } from '../../client/node/http-connection.ts';
import { judge, type Asked, type Verdict } from '../guard.ts';
import { answerStatus, forwardAnswer, forwardWatch } from './forward.ts';
import type { PageFile } from './page-files.ts';
import { ownUsers, peerUser } from './peer-user.ts';

export interface DashboardOptions {
  /** The API server, and in whose name it is asked. Read anew when it is out of reach: it may have been made anew. */
  access(): Promise<ServerAccess>;
  /** 0: one that is free. */
  readonly port: number;
  readonly files: ReadonlyMap<string, PageFile>;
  readonly clock: Clock;
}

export interface Dashboard extends AsyncDisposable {
  readonly url: string;
}

const address = '127.0.0.1';

/** Scripts, styles and connections of our own only, and in nobody's frame. */
const securityHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

/**
 * Serves the page on this machine's loopback address to the user's own programs, and passes its reads on to the API
 * server with the user's credentials, which never reach the browser. Rejects when the port is taken.
 */
export async function serveDashboard({ access, port, files, clock }: DashboardOptions): Promise<Dashboard> {
  let current = await access();
  const connection = new HttpConnection(() => current, clock);
  const lost = (): void =>
    void access().then(
      (read) => (current = read),
      () => undefined,
    );
  const upstream = { connection, lost };
  const users = ownUsers({ uid: process.getuid!(), sudoUid: process.env.SUDO_UID });
  const verdictOf = async (request: IncomingMessage): Promise<Verdict> =>
    judge(askedBy(request, users.has((await userOf(request.socket)) ?? -1)));
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 1024 });
  const server = createServer(async (request, response) => {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    const verdict = await verdictOf(request);
    if (verdict.kind === 'refused') answerStatus(response, verdict.error.status);
    else if (verdict.kind === 'page') answerFile(response, files.get(verdict.file));
    else void forwardAnswer(upstream, verdict, response);
  });
  // Node's server forgets those that are upgraded, from before they are.
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.on('upgrade', async (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const verdict = await verdictOf(request);
    if (verdict.kind === 'refused') return refuseUpgrade(socket, verdict.error.status);
    if (verdict.kind === 'page' || !verdict.isWatch)
      return refuseUpgrade(socket, refused.badRequest('only watches come over WebSockets').status);
    sockets.handleUpgrade(request, socket, head, (opened) => void forwardWatch(upstream, verdict, opened));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });
  return {
    url: `http://${address}:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of open) socket.destroy();
      await closed;
      await connection[Symbol.asyncDispose]();
    },
  };
}

/** The user behind a connection, which stays the same. */
const knownUsers = new WeakMap<Socket, Promise<number | undefined>>();

function userOf(socket: Socket): Promise<number | undefined> {
  const user = knownUsers.get(socket) ?? peerUser(socket);
  knownUsers.set(socket, user);
  return user;
}

function askedBy({ method = '', url = '', headers }: IncomingMessage, isOwn: boolean): Asked {
  const { host, origin, 'sec-fetch-site': site } = headers;
  return {
    isOwn,
    method,
    url,
    ...(host !== undefined && { host }),
    ...(origin !== undefined && { origin }),
    ...(typeof site === 'string' && { site }),
  };
}

function answerFile(response: ServerResponse, file: PageFile | undefined): void {
  if (file === undefined) answerStatus(response, refused.pathNotFound().status);
  else response.writeHead(200, { 'content-type': file.type }).end(file.content);
}

function refuseUpgrade(socket: Duplex, status: Status): void {
  const body = `${JSON.stringify(status)}\n`;
  const head = `HTTP/1.1 ${status.code} ${status.reason}\r\nContent-Type: application/json\r\n`;
  socket.end(`${head}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
}
