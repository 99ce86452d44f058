/** One block of a PEM text (RFC 7468, as Go's encoding/pem reads it). */
export interface PemBlock {
  /** `CERTIFICATE` */
  readonly type: string;
  readonly hasHeaders: boolean;
  /** What is between its lines, in base64. */
  readonly base64: string;
}

const begin = '-----BEGIN ';
const end = '-----END ';
const dashes = '-----';

/**
 * The blocks of a text, whatever stands between them. A block goes to the next line that ends one, and is none where that
 * ends another type; so that each letter is looked at once.
 */
export function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  for (let at = 0; ;) {
    const start = beginAfter(text, at);
    const inside = start < 0 ? -1 : text.indexOf('\n', start);
    const last = inside < 0 ? -1 : text.indexOf(end, inside);
    if (last < 0) return blocks;
    const head = text.slice(start + begin.length, inside).trimEnd();
    const type = head.slice(0, -dashes.length);
    at = last + end.length;
    if (!head.endsWith(dashes) || !text.startsWith(`${type}${dashes}`, at)) continue;
    const lines = text.slice(inside + 1, last).split(/\r?\n/);
    const headers = lines.filter((line) => line.includes(':')).length;
    blocks.push({ type, hasHeaders: headers > 0, base64: lines.slice(headers).join('') });
  }
}

/** Where the next block begins: with a line. */
function beginAfter(text: string, at: number): number {
  if (at === 0 && text.startsWith(begin)) return 0;
  const before = text.indexOf(`\n${begin}`, at);
  return before < 0 ? -1 : before + 1;
}
