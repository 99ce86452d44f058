import assert from 'node:assert/strict';
import { it } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import type { OpenPair } from '../contract.ts';
import type { Place } from './clients.ts';

const head = ['GET /exec?a=1 HTTP/1.1', 'Host: x', 'Connection: Upgrade', 'Upgrade: websocket', '', 'early'].join(
  '\r\n',
);

/** All that comes back for `text`, until the server ends the connection. */
function converse({ port, ca }: Place, text: string, onData?: (socket: TLSSocket, sofar: string) => void) {
  return new Promise<string>((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca, ALPNProtocols: ['http/1.1'] }, () => socket.write(text));
    let sofar = '';
    socket.on('data', (part) => {
      sofar += part.toString('latin1');
      onData?.(socket, sofar);
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(sofar));
  });
}

export function describeUpgrades(open: OpenPair): void {
  it('hands over the connection with what came behind the head', async () => {
    await using pair = await open((exchange) => {
      const upgrade = exchange.upgrade()!;
      assert.equal(exchange.upgrade(), undefined);
      let sofar = upgrade.head.toString();
      upgrade.socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
      upgrade.socket.on('data', (part: Buffer) => {
        sofar += part.toString();
        if (sofar.endsWith('!')) upgrade.socket.end(`got ${sofar}`);
      });
    });
    let hasSent = false;
    const text = await converse(pair.place, head, (socket, sofar) => {
      if (hasSent || !sofar.includes('\r\n\r\n')) return;
      hasSent = true;
      socket.write(' late!');
    });
    assert.equal(text, 'HTTP/1.1 101 Switching Protocols\r\n\r\ngot early late!');
  });

  it('answers an upgrade that is refused, and ends the connection', async () => {
    await using pair = await open((exchange) => {
      exchange.respond(403, { 'content-type': 'application/json' }, Buffer.from('{"code":403}'));
    });
    const text = await converse(pair.place, head);
    assert.match(text, /^HTTP\/1.1 403 Forbidden\r\n/);
    assert.match(text, /\r\ncontent-length: 12\r\n/i);
    assert.match(text, /\r\n\r\n\{"code":403\}$/);
  });

  it('has no upgrade for a request that asked for none', async () => {
    await using pair = await open((exchange) => {
      exchange.respond(exchange.upgrade() === undefined ? 200 : 500, {});
    });
    assert.equal((await pair.client.ask({ path: '/' })).status, 200);
  });
}
