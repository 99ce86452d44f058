import type { Payload } from './payload.ts';
import { code, ConnectionError, largestWindow, setting } from './protocol.ts';

/** What a peer may say of itself; undefined: it did not. The last word counts. */
export interface PeerSettings {
  tableBytes?: number;
  initialWindow?: number;
  frameBytes?: number;
}

/** Reads a SETTINGS frame that is no acknowledgement. Throws {@link ConnectionError}. */
export function readSettings(payload: Payload, stream: number): PeerSettings {
  payload.expect(payload.size - (payload.size % 6), stream === 0);
  const settings: PeerSettings = {};
  for (let at = payload.start; at < payload.end; at += 6) {
    const name = payload.bytes.readUInt16BE(at);
    const value = payload.bytes.readUInt32BE(at + 2);
    if (name === setting.headerTableSize) settings.tableBytes = value;
    else if (name === setting.enablePush && value > 1) throw new ConnectionError(code.protocolError, 'a bad setting');
    else if (name === setting.maxFrameSize) {
      if (value < 16_384 || value > 16_777_215) throw new ConnectionError(code.protocolError, 'a bad size of frames');
      settings.frameBytes = value;
    } else if (name === setting.initialWindowSize) {
      if (value > largestWindow) throw new ConnectionError(code.flowControlError, 'a window that is too large');
      settings.initialWindow = value;
    }
  }
  return settings;
}
