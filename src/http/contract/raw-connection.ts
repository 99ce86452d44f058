import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';

/** A frame as it came. */
export interface RawFrame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** A client that sends bytes made by hand, and no others. */
export interface RawConnection extends AsyncDisposable {
  readonly socket: TLSSocket;
  send(...parts: readonly (string | Buffer)[]): void;
  /** All that has come, when the server has ended the connection. */
  closed(): Promise<string>;
  /** The first frame that `isWanted`, of those that have come and will; undefined: the connection ended before. */
  frame(isWanted: (frame: RawFrame) => boolean): Promise<RawFrame | undefined>;
}

export async function openRaw(port: number, protocol: 'http/1.1' | 'h2'): Promise<RawConnection> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: [protocol] });
  await once(socket, 'secureConnect');
  const parts: Buffer[] = [];
  // Joined when somebody looks: a copy of all for each part that comes takes longer than the connection.
  const bytes = (): Buffer => {
    if (parts.length > 1) parts.splice(0, parts.length, Buffer.concat(parts));
    return parts[0] ?? Buffer.alloc(0);
  };
  let hasClosed = false;
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  let wake = (): void => {};
  socket.on('data', (part: Buffer) => {
    parts.push(part);
    wake();
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    hasClosed = true;
    wake();
    close();
  });
  return {
    socket,
    send: (...sent) => void socket.write(Buffer.concat(sent.map((part) => Buffer.from(part as Buffer)))),
    async closed() {
      await closed;
      return bytes().toString('latin1');
    },
    async frame(isWanted) {
      for (;;) {
        const found = framesOf(bytes()).find(isWanted);
        if (found !== undefined || hasClosed) return found;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    async [Symbol.asyncDispose]() {
      socket.destroy();
      await closed;
    },
  };
}

function framesOf(bytes: Buffer): RawFrame[] {
  const frames: RawFrame[] = [];
  for (let at = 0; at + 9 <= bytes.length;) {
    const end = at + 9 + bytes.readUIntBE(at, 3);
    if (end > bytes.length) break;
    const stream = bytes.readUInt32BE(at + 5) & 0x7fffffff;
    frames.push({ type: bytes[at + 3]!, flags: bytes[at + 4]!, stream, payload: bytes.subarray(at + 9, end) });
    at = end;
  }
  return frames;
}
