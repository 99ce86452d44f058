import type { WebSocket } from 'ws';
import { Channels, readMessage, type ChannelForm } from './channels.ts';
import type { SpdyClient } from './spdy/spdy-client.ts';

/**
 * The older way to forward ports over a WebSocket: for the `n`-th port channel `2n` carries data and `2n + 1` errors. Each
 * starts with the port's number in two bytes, lowest first.
 */
export function bridgePorts(client: WebSocket, form: ChannelForm, ports: readonly number[], runtime: SpdyClient): void {
  const channels = new Channels(client, form);
  let open = 0;
  const streams = ports.map((port, index) => {
    const towardsClient = (number: number) => {
      open++;
      channels.send(number, Buffer.from([port & 0xff, port >> 8]));
      return {
        data: (payload: Buffer) => {
          if (!channels.send(number, payload, () => runtime.resume())) runtime.pause();
        },
        end: () => {
          if (--open > 0) return;
          channels.close();
          runtime.close();
        },
      };
    };
    const headers = { port: `${port}`, requestid: `${index}` };
    const errors = runtime.open({ streamtype: 'error', ...headers }, towardsClient(2 * index + 1));
    errors.end(); // nothing is ever said on this half
    return runtime.open({ streamtype: 'data', ...headers }, towardsClient(2 * index));
  });
  client.on('message', (data: Buffer) => {
    const message = readMessage(data, { form, canCloseChannels: false });
    if (message?.kind !== 'data' || message.payload.length === 0 || message.channel % 2 !== 0) return;
    if (streams[message.channel / 2]?.write(message.payload) !== false) return;
    client.pause();
    void runtime.whenDrained().then(() => client.resume());
  });
  client.on('error', () => client.terminate());
  client.on('close', () => runtime.close());
  void runtime.closed.then(() => client.close(1000));
}
