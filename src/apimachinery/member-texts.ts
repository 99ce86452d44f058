const decoder = new TextDecoder();
const [quote, comma, colon, backslash] = [0x22, 0x2c, 0x3a, 0x5c];
const [openObject, closeObject, openList, closeList] = [0x7b, 0x7d, 0x5b, 0x5d];

/** Where the value of a member begins and ends, in bytes. */
export interface MemberRange {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

const known = new WeakMap<Uint8Array, readonly MemberRange[]>();

/** Remembers where the members of `bytes` are, for as long as these live, so that nobody looks for them again. */
export function noteMembers(bytes: Uint8Array, members: readonly MemberRange[]): void {
  known.set(bytes, members);
}

/** The members of bytes that were noted; nothing where somebody would have to look for them. */
export function knownMembers(bytes: Uint8Array): MemberTexts | undefined {
  return known.has(bytes) ? new MemberTexts(bytes) : undefined;
}

/** The members of an object that is written as JSON without blanks, as the texts that they are: without parsing them. */
export class MemberTexts {
  readonly #bytes: Uint8Array;
  readonly ranges: readonly MemberRange[];

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.ranges = known.get(bytes) ?? membersOf(bytes);
  }

  get(name: string): string | undefined {
    for (const { name: own, start, end } of this.ranges)
      if (own === name) return decoder.decode(this.#bytes.subarray(start, end));
    return undefined;
  }
}

function membersOf(bytes: Uint8Array): readonly MemberRange[] {
  const members: MemberRange[] = [];
  let depth = 0;
  /** Where the present member's name and value begin. */
  let [begin, start] = [1, 0];
  for (let at = 0; at < bytes.length; at++) {
    switch (bytes[at]) {
      case quote:
        for (at++; bytes[at] !== quote; at++) if (bytes[at] === backslash) at++;
        break;
      case openObject:
      case openList:
        depth++;
        break;
      case colon:
        if (depth === 1) start = at + 1;
        break;
      case comma:
      case closeObject:
      case closeList:
        if (depth === 1 && start > 0) {
          const name = JSON.parse(decoder.decode(bytes.subarray(begin, start - 1))) as string;
          members.push({ name, start, end: at });
          [begin, start] = [at + 1, 0];
        }
        if (bytes[at] !== comma) depth--;
    }
  }
  return members;
}
