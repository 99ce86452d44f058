import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
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
  const udp = createSocket('udp4');
  udp.on('message', (bytes, { port, address }) => {
    const said = answer(packets.decode(bytes), 'udp');
    if (said !== undefined) udp.send(packets.encode(said), port, address);
  });
  udp.bind(0, '127.0.0.1');
  await once(udp, 'listening');
  const { port } = udp.address();
  const tcp = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (bytes: Buffer) => {
      const said = answer(packets.streamDecode(bytes) as DecodedPacket, 'tcp');
      if (said === undefined) socket.destroy();
      else socket.end(packets.streamEncode(said));
    });
  });
  tcp.listen(port, '127.0.0.1');
  await once(tcp, 'listening');
  return {
    host: '127.0.0.1',
    port: (tcp.address() as AddressInfo).port,
    heard,
    async [Symbol.asyncDispose]() {
      await Promise.all([new Promise<void>((done) => udp.close(done)), new Promise((done) => tcp.close(done))]);
    },
  };
}
