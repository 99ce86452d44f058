import type { ByteWriter } from './byte-writer.ts';

const nothing: Uint8Array[] = [];

/** Parts that wait to be written, without a copy until they are. */
export class PartQueue {
  /** Most answers never wait. */
  #parts: Uint8Array[] = nothing;
  #first = 0;
  /** How much of the first part was written. */
  #offset = 0;
  bytes = 0;

  push(part: Uint8Array): void {
    if (part.length === 0) return;
    if (this.#parts === nothing) this.#parts = [part];
    else this.#parts.push(part);
    this.bytes += part.length;
  }

  /** Moves the first `size` bytes; there must be as many. */
  moveTo(writer: ByteWriter, size: number): void {
    writer.reserve(size);
    this.bytes -= size;
    for (let left = size; left > 0;) {
      const part = this.#parts[this.#first]!;
      const rest = part.length - this.#offset;
      if (rest > left) {
        writer.bytes(part.subarray(this.#offset, this.#offset + left));
        this.#offset += left;
        return;
      }
      writer.bytes(this.#offset === 0 ? part : part.subarray(this.#offset));
      left -= rest;
      this.#offset = 0;
      this.#first++;
    }
    if (this.#first === this.#parts.length) this.clear();
    else if (this.#first > 1024) {
      this.#parts.splice(0, this.#first);
      this.#first = 0;
    }
  }

  clear(): void {
    this.#parts = nothing;
    this.#first = this.#offset = this.bytes = 0;
  }
}
