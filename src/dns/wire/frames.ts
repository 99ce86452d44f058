const lengthBytes = 2;

/** A message as it goes over TCP: behind its length. */
export function framed(message: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(lengthBytes + message.length);
  frame.writeUInt16BE(message.length, 0);
  message.copy(frame, lengthBytes);
  return frame;
}

/** Puts messages together from what comes over one TCP connection. Holds less than one message between calls. */
export class FrameReader {
  #message: Buffer | undefined;
  #filled = 0;
  #head: number | undefined;

  /** The messages that are whole now. */
  take(chunk: Buffer): Buffer[] {
    const whole: Buffer[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.#message === undefined) {
        const byte = chunk[at++]!;
        if (this.#head === undefined) {
          this.#head = byte;
          continue;
        }
        this.#message = Buffer.allocUnsafe((this.#head << 8) | byte);
        this.#filled = 0;
        this.#head = undefined;
      }
      const copied = chunk.copy(this.#message, this.#filled, at);
      at += copied;
      this.#filled += copied;
      if (this.#filled < this.#message.length) continue;
      whole.push(this.#message);
      this.#message = undefined;
    }
    return whole;
  }
}
