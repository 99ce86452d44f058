import { flag, frame } from '../../../src/http/http2/protocol.ts';
import {
  opening,
  rawBlock,
  rawFrame,
  rawGet,
  rawReset,
  requestFields,
  uint32,
} from '../../../src/http/contract/raw-frames.ts';
import type { Attack } from './attack.ts';
import type { Attacker, Target } from './target.ts';

const nothing = Buffer.alloc(0);
const times = (count: number, bytes: Buffer): Buffer => Buffer.concat(Array<Buffer>(count).fill(bytes));

/** Frames again and again, by four strangers. */
function frames(name: string, bytes: () => Buffer, first: Buffer = nothing): Attack {
  return {
    name,
    async attack(target) {
      await target.flood(4, 'h2', Buffer.concat([opening, first]), bytes());
    },
  };
}

/** Requests with numbers that rise, as long as a connection lives. */
function requests(make: (stream: number) => Buffer): (target: Target) => Promise<void> {
  return async (target) => {
    const one = async (): Promise<void> => {
      while (!target.isOver) {
        let stream = -1;
        const next = (): Buffer => Buffer.concat(Array.from({ length: 100 }, () => make((stream += 2))));
        const socket = await target.socket('h2');
        if (socket === undefined) continue;
        socket.write(opening);
        while (!socket.destroyed && !target.isOver) {
          socket.write(next());
          await new Promise((resolve) => setImmediate(resolve));
          if (socket.writableLength > 1024 * 1024) await new Promise((resolve) => setTimeout(resolve, 5));
        }
        socket.destroy();
      }
    };
    await Promise.all([one(), one(), one(), one()]);
  };
}

/** So many connections, each of which begins so and then does nothing. */
function idlers(name: string, count: number, begin: string, protocol: 'http/1.1' | 'h2' = 'http/1.1'): Attack {
  return {
    name,
    async attack(target) {
      for (let at = 0; at < count && !target.isOver; at += 20)
        await Promise.all(Array.from({ length: 20 }, async () => (await target.socket(protocol))?.write(begin)));
      await target.untilOver();
    },
  };
}

/** Streams whose answers nobody may send. Flow control lets in as many of an administrator as connections take. */
function withoutWindow(name: string, who: Attacker): Attack {
  return {
    name,
    async attack(target) {
      const closed = rawFrame(frame.settings, 0, 0, Buffer.from([0, 4, 0, 0, 0, 0]));
      for (let at = 0; at < 20 && !target.isOver; at++) {
        const socket = await target.socket('h2', who);
        socket?.write(Buffer.concat([opening, closed]));
        for (let stream = 1; stream < 1000; stream += 2) socket?.write(rawGet(stream, '/openapi/v2'));
      }
      await target.untilOver();
    },
  };
}

const slowPost = 'POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{';
const manyHeaders = `GET /livez HTTP/1.1\r\nHost: x\r\n${Array.from({ length: 5000 }, (_, at) => `x-${at}: ${'v'.repeat(100)}\r\n`).join('')}\r\n`;
const block = rawBlock(...requestFields('GET', '/livez'));
const openHead = rawFrame(frame.headers, flag.endStream, 1, block);

/** Connections, frames and heads that cost more than their bytes; none of those who send them has to be anybody. */
export const connections: readonly Attack[] = [
  frames('SETTINGS', () => times(1000, rawFrame(frame.settings, 0, 0, nothing))),
  frames('pings', () => times(1000, rawFrame(frame.ping, 0, 0, Buffer.alloc(8)))),
  frames('empty CONTINUATIONs', () => times(1000, rawFrame(frame.continuation, 0, 1)), openHead),
  frames('window updates', () => times(1000, rawFrame(frame.windowUpdate, 0, 0, uint32(1)))),
  {
    name: 'rapid reset',
    attack: requests((stream) => Buffer.concat([rawGet(stream, '/api/v1/pods'), rawReset(stream)])),
  },
  {
    name: 'requests over HTTP/2, faster than they are answered',
    attack: requests((stream) => rawGet(stream, '/version')),
  },
  withoutWindow('answers that no window is open for', 'nobody'),
  withoutWindow('the same, of an administrator', 'admin'),
  idlers('2,000 connections without a request', 2000, ''),
  idlers('500 heads that never end', 500, 'GET / HTTP/1.1\r\nHost: x\r\nX-A: '),
  idlers('500 bodies that never end', 500, slowPost),
  {
    name: 'heads of 5,000 headers',
    attack: (target) => target.flood(4, 'http/1.1', nothing, Buffer.from(manyHeaders)),
  },
  {
    name: 'pipelined requests that are not read',
    async attack(target) {
      for (let at = 0; at < 30 && !target.isOver; at++) {
        const socket = await target.socket('http/1.1', 'admin', false);
        socket?.write('GET /openapi/v2 HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(500));
      }
      await target.untilOver();
    },
  },
];
