/** One entry of a tar archive that {@link writeTar} writes. */
export interface TarEntry {
  readonly path: string;
  /** Absent: a folder, or a symbolic link if there is a `target`. */
  readonly content?: Uint8Array;
  readonly target?: string;
  /** Permission bits (default 0644 for files, 0755 for folders). */
  readonly mode?: number;
}

const blockBytes = 512;

/**
 * A POSIX (ustar) archive that is the same bytes for the same entries: owner 0, time 0. Paths of up to 100 bytes.
 * Throws on longer ones.
 */
export function writeTar(entries: readonly TarEntry[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    parts.push(header(entry));
    if (entry.content === undefined) continue;
    parts.push(entry.content, Buffer.alloc(paddingOf(entry.content.length)));
  }
  return Buffer.concat([...parts, Buffer.alloc(2 * blockBytes)]);
}

function header(entry: TarEntry): Buffer {
  const type = entry.content !== undefined ? '0' : entry.target !== undefined ? '2' : '5';
  if (Buffer.byteLength(entry.path) > 100) throw new Error(`Cannot archive "${entry.path}": path is over 100 bytes`);
  const block = Buffer.alloc(blockBytes);
  block.write(entry.path, 0);
  octal(block, 100, 8, entry.mode ?? (type === '5' ? 0o755 : 0o644));
  octal(block, 108, 8, 0);
  octal(block, 116, 8, 0);
  octal(block, 124, 12, entry.content?.length ?? 0);
  octal(block, 136, 12, 0);
  block.fill(' ', 148, 156);
  block.write(type, 156);
  block.write(entry.target ?? '', 157);
  block.write('ustar\u000000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  octal(block, 148, 7, sum);
  return block;
}

function octal(block: Buffer, at: number, width: number, value: number): void {
  block.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, 'latin1');
}

/** Bytes from the end of a content of this size to the next block. */
export function paddingOf(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes;
}

/** The name and size of an entry, or `undefined` at an empty block. Throws when the block is no tar header. */
export function readTarHeader(block: Uint8Array): { path: string; size: number; type: string } | undefined {
  const bytes = Buffer.from(block.buffer, block.byteOffset, blockBytes);
  if (bytes.every((byte) => byte === 0)) return undefined;
  const claimed = Number.parseInt(text(bytes, 148, 8).trim(), 8);
  const sum = bytes.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  if (claimed !== sum) throw new Error('checksum of a header is wrong');
  const prefix = text(bytes, 257, 5) === 'ustar' && bytes[262] === 0 ? text(bytes, 345, 155) : '';
  const name = text(bytes, 0, 100);
  return { path: prefix === '' ? name : `${prefix}/${name}`, size: sizeOf(bytes), type: text(bytes, 156, 1) };
}

/** Octal digits, or base 256 for entries over 8 GiB. */
function sizeOf(bytes: Buffer): number {
  if ((bytes[124]! & 0x80) === 0) return Number.parseInt(text(bytes, 124, 12).trim() || '0', 8);
  return Number(bytes.subarray(125, 136).reduce((total, byte) => total * 256n + BigInt(byte), 0n));
}

function text(bytes: Buffer, at: number, width: number): string {
  const field = bytes.subarray(at, at + width);
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? width : end).toString();
}
