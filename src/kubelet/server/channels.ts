import type { WebSocket } from 'ws';

/** How messages of a WebSocket name the stream that they belong to. */
export type ChannelForm = 'binary' | 'base64';

/** A protocol for exec and attach over WebSockets, as its name tells. */
export interface ChannelProtocol {
  readonly name: string;
  readonly form: ChannelForm;
  /** Whether a message may close a single channel (from version 5 on): without it a client cannot end standard input. */
  readonly canCloseChannels: boolean;
  /** What to speak to the runtime: version 4 says how a command ended as a Status, earlier ones as a text. */
  readonly spdy: 'v4.channel.k8s.io' | 'channel.k8s.io';
}

/** The protocols of exec and attach, best first. */
export const commandProtocols: readonly ChannelProtocol[] = [
  { name: 'v5.channel.k8s.io', form: 'binary', canCloseChannels: true, spdy: 'v4.channel.k8s.io' },
  { name: 'v4.channel.k8s.io', form: 'binary', canCloseChannels: false, spdy: 'v4.channel.k8s.io' },
  { name: 'v4.base64.channel.k8s.io', form: 'base64', canCloseChannels: false, spdy: 'v4.channel.k8s.io' },
  { name: 'channel.k8s.io', form: 'binary', canCloseChannels: false, spdy: 'channel.k8s.io' },
  { name: 'base64.channel.k8s.io', form: 'base64', canCloseChannels: false, spdy: 'channel.k8s.io' },
];

/** For clients that name no protocol. */
export const plainProtocol: ChannelProtocol = { ...commandProtocols[3]!, name: '' };

const closeChannel = 255;
/** Beyond this many bytes that the client has not taken yet, the source is paused. */
const highWater = 1024 * 1024;

export type ChannelMessage =
  | { readonly kind: 'data'; readonly channel: number; readonly payload: Buffer }
  | { readonly kind: 'close'; readonly channel: number };

/** Takes a message apart; `undefined` for what is none. */
export function readMessage(
  message: Buffer,
  protocol: Pick<ChannelProtocol, 'form' | 'canCloseChannels'>,
): ChannelMessage | undefined {
  const first = message[0];
  if (first === undefined) return undefined;
  if (protocol.form === 'base64') {
    const payload = Buffer.from(message.subarray(1).toString('latin1'), 'base64');
    return { kind: 'data', channel: first - '0'.charCodeAt(0), payload };
  }
  if (first === closeChannel && protocol.canCloseChannels)
    return message.length === 2 ? { kind: 'close', channel: message[1]! } : undefined;
  return { kind: 'data', channel: first, payload: message.subarray(1) };
}

/** The channels of one WebSocket. */
export class Channels {
  readonly #socket: WebSocket;
  readonly #form: ChannelForm;

  constructor(socket: WebSocket, form: ChannelForm) {
    this.#socket = socket;
    this.#form = form;
  }

  /** Answers false when the client is slow; `drained` is called when it has caught up. */
  send(channel: number, payload: Uint8Array, drained: () => void = () => {}): boolean {
    const socket = this.#socket;
    if (socket.readyState !== socket.OPEN) return true;
    const message =
      this.#form === 'base64'
        ? `${channel}${Buffer.from(payload).toString('base64')}`
        : Buffer.concat([Buffer.from([channel]), payload]);
    const wasSlow = socket.bufferedAmount > highWater;
    socket.send(message, { binary: this.#form === 'binary' }, () => {
      if (socket.bufferedAmount <= highWater) drained();
    });
    return !wasSlow && socket.bufferedAmount <= highWater;
  }

  /** All is said. */
  close(): void {
    this.#socket.close(1000);
  }
}
