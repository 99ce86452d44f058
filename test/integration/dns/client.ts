import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import packets, { type DecodedPacket, type Packet } from 'dns-packet';

export type Ask = (type: 'A' | 'AAAA' | 'SRV' | 'PTR' | 'TXT', name: string, more?: Packet) => Promise<string>;

/** A client that asks a server on this machine, and shows answers in a line. */
export function askOver(protocol: 'udp' | 'tcp', port: number): Ask {
  return async (type, name, more = {}) => {
    const packet: Packet = { type: 'query', id: 77, flags: packets.RECURSION_DESIRED, ...more };
    packet.questions = [{ type, name }];
    const answer: DecodedPacket = await (protocol === 'udp' ? overUdp(packet, port) : overTcp(packet, port));
    if (answer.id !== packet.id) throw new Error(`Cannot take the answer: it is to question ${answer.id}`);
    return shown(answer);
  };
}

async function overUdp(packet: Packet, port: number): Promise<DecodedPacket> {
  const socket = createSocket('udp4');
  try {
    socket.send(packets.encode(packet), port, '127.0.0.1');
    const [bytes] = (await once(socket, 'message')) as [Buffer];
    return packets.decode(bytes);
  } finally {
    socket.close();
  }
}

async function overTcp(packet: Packet, port: number): Promise<DecodedPacket> {
  const socket = connect(port, '127.0.0.1');
  try {
    // In two pieces, as networks do.
    const bytes = packets.streamEncode(packet);
    socket.write(bytes.subarray(0, 1));
    await once(socket, 'connect');
    socket.write(bytes.subarray(1));
    let received = Buffer.alloc(0);
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk as Buffer]);
      if (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0))
        return packets.streamDecode(received) as DecodedPacket;
    }
    throw new Error('Cannot take the answer: the connection ended before it');
  } finally {
    socket.destroy();
  }
}

function shown(answer: DecodedPacket): string {
  const {
    rcode,
    flag_tc: isCut,
    flag_aa: isOwn,
  } = answer as unknown as { rcode: string; flag_tc: boolean; flag_aa: boolean };
  const records = (answer.answers ?? []).map((one) => {
    const { name, type, data } = one as { name: string; type: string; data: unknown };
    const value =
      typeof data === 'object' && data !== null && 'target' in data ? (data as { target: string }).target : data;
    return `${name} ${type} ${String(value)}`;
  });
  const marks = [rcode === 'NOERROR' ? '' : rcode, isCut ? 'cut' : '', isOwn ? '' : 'relayed'].filter(Boolean);
  return [...marks, records.sort().join(', ') || 'nothing'].join(' ');
}
