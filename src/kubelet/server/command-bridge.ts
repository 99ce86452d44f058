import type { WebSocket } from 'ws';
import type { StreamOptions } from '../runtime/runtime.ts';
import { outcomeForWebSocket } from './command-outcome.ts';
import { Channels, readMessage, type ChannelProtocol } from './channels.ts';
import type { SpdyClient, SpdyStream, SpdyStreamEvents } from './spdy/spdy-client.ts';

/** Numbers of the channels of exec and attach, the same in all protocols. */
const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const;

/**
 * Carries an exec or attach between a client's WebSocket and the runtime's SPDY streams until the runtime has said all, or
 * one of both has gone.
 */
export function bridgeCommand(
  client: WebSocket,
  protocol: ChannelProtocol,
  options: StreamOptions,
  runtime: SpdyClient,
): void {
  const channels = new Channels(client, protocol.form);
  let open = 0;
  const towardsClient = (number: number): SpdyStreamEvents => {
    open++;
    return {
      data: (payload) => {
        if (!channels.send(number, payload, () => runtime.resume())) runtime.pause();
      },
      end: () => {
        if (--open === 0) finish();
      },
    };
  };
  const finish = (): void => {
    channels.close();
    runtime.close();
  };

  // The runtime waits for all of them before it starts the command.
  const outcome: Buffer[] = [];
  const lastWords = towardsClient(channel.error);
  runtime.open(
    { streamtype: 'error' },
    {
      data: (payload) => void outcome.push(payload),
      end: () => {
        if (outcome.length > 0) lastWords.data?.(outcomeForWebSocket(Buffer.concat(outcome), protocol));
        lastWords.end?.();
      },
    },
  );
  const stdin = options.stdin ? runtime.open({ streamtype: 'stdin' }) : undefined;
  if (options.stdout) runtime.open({ streamtype: 'stdout' }, towardsClient(channel.stdout));
  if (options.stderr && !options.tty) runtime.open({ streamtype: 'stderr' }, towardsClient(channel.stderr));
  const resize = options.tty ? runtime.open({ streamtype: 'resize' }) : undefined;

  // An empty message tells the client that the connection stands.
  channels.send(options.stdout ? channel.stdout : options.stderr ? channel.stderr : channel.error, Buffer.alloc(0));

  const streams = new Map<number, SpdyStream | undefined>([
    [channel.stdin, stdin],
    [channel.resize, resize],
  ]);
  client.on('message', (data: Buffer) => {
    const message = readMessage(data, protocol);
    if (message === undefined) return;
    const stream = streams.get(message.channel);
    if (message.kind === 'close') stream?.end();
    else if (message.payload.length > 0 && stream?.write(message.payload) === false) {
      client.pause();
      void runtime.whenDrained().then(() => client.resume());
    }
  });
  client.on('error', () => client.terminate());
  client.on('close', () => runtime.close());
  void runtime.closed.then(() => client.close(1000));
}
