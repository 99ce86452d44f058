import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import packets, { type DecodedPacket, type Packet } from 'dns-packet';

/** What a name server says to a question: `undefined` is silence. */
export type Say = (
  question: { type: string; name: string; hasEdns: boolean },
  protocol: 'udp' | 'tcp',
) => Packet | undefined;

export interface TestNameServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Every question that came: protocol, type and name. */
  readonly heard: string[];
}

/** A name server of the outside world on this machine, which says what the test wants. */
export async function startNameServer(say: Say): Promise<TestNameServer> {
  const heard: string[] = [];
  const answer = (query: DecodedPacket, protocol: 'udp' | 'tcp'): Packet | undefined => {
    const { type, name } = query.questions![0]!;
    heard.push(`${protocol} ${type} ${name}`);
    const hasEdns = query.additionals?.some((one) => one.type === 'OPT') ?? false;
    const said = say({ type, name, hasEdns }, protocol);
    const flags = packets.RECURSION_DESIRED | packets.RECURSION_AVAILABLE | (said?.flags ?? 0);
    return said && { type: 'response', id: query.id, questions: query.questions, ...said, flags };
  };
  const tcp = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (bytes: Buffer) => {
      const said = answer(packets.streamDecode(bytes) as DecodedPacket, 'tcp');
      if (said === undefined) socket.destroy();
      else socket.end(packets.streamEncode(said));
    });
  });
  const udp = await openOnOnePort(tcp);
  udp.on('message', (bytes, { port, address }) => {
    const said = answer(packets.decode(bytes), 'udp');
    if (said !== undefined) udp.send(packets.encode(said), port, address);
  });
  return {
    host: '127.0.0.1',
    port: (tcp.address() as AddressInfo).port,
    heard,
    async [Symbol.asyncDispose]() {
      await Promise.all([new Promise<void>((done) => udp.close(done)), new Promise((done) => tcp.close(done))]);
    },
  };
}

/** A port that is free in one protocol may be taken in the other: then both take another one. */
async function openOnOnePort(tcp: Server): Promise<Socket> {
  for (;;) {
    tcp.listen(0, '127.0.0.1');
    await once(tcp, 'listening');
    const udp = createSocket('udp4');
    udp.bind((tcp.address() as AddressInfo).port, '127.0.0.1');
    try {
      await once(udp, 'listening');
      return udp;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      udp.close();
      await new Promise((done) => tcp.close(done));
    }
  }
}
