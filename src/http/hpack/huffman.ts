/** Bits of the code of each byte; the codes follow from them in the order of length, then byte (RFC 7541, appendix B). */
const codeLengths: readonly number[] = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28,
  28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6,
  5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23,
  22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22,
  23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26,
  20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27,
  27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27,
  27, 27, 27, 26,
];
const endOfString = 256;
const endOfStringLength = 30;

/**
 * The decoder as an automaton that takes four bits at a time: each state is a node inside the tree of codes. An entry
 * is the next state, with the byte that was completed and what the state means for the end of the text.
 */
const automaton = buildAutomaton();
const emits = 1 << 16;
const mayEnd = 1 << 17;
const fails = 1 << 18;

function buildAutomaton(): Int32Array {
  // The tree: two children for each inner node, a leaf as -1 - symbol.
  const children: number[][] = [[0, 0]];
  for (const [symbol, code, length] of codes()) {
    let node = 0;
    for (let bit = length - 1; bit > 0; bit--) {
      const side = (code >> bit) & 1;
      if (children[node]![side] === 0) children[node]![side] = children.push([0, 0]) - 1;
      node = children[node]![side]!;
    }
    children[node]![code & 1] = -1 - symbol;
  }
  const paddings = paddingStates(children);
  const table = new Int32Array(children.length * 16);
  for (let state = 0; state < children.length; state++)
    for (let nibble = 0; nibble < 16; nibble++) table[state * 16 + nibble] = entry(children, paddings, state, nibble);
  return table;
}

function* codes(): Iterable<[symbol: number, code: number, length: number]> {
  const lengths = [...codeLengths, endOfStringLength];
  const order = lengths.map((_, symbol) => symbol).toSorted((a, b) => lengths[a]! - lengths[b]! || a - b);
  let code = 0;
  let length = 0;
  for (const symbol of order) {
    code <<= lengths[symbol]! - length;
    length = lengths[symbol]!;
    yield [symbol, code++, length];
  }
}

/** A text may end in states that up to seven one-bits lead to: its padding. */
function paddingStates(children: readonly (readonly number[])[]): ReadonlySet<number> {
  const states = new Set([0]);
  for (let state = 0, bits = 0; bits < 7; bits++) {
    state = children[state]![1]!;
    states.add(state);
  }
  return states;
}

function entry(
  children: readonly (readonly number[])[],
  paddings: ReadonlySet<number>,
  from: number,
  nibble: number,
): number {
  let state = from;
  let emitted = 0;
  for (let bit = 3; bit >= 0; bit--) {
    const next = children[state]![(nibble >> bit) & 1]!;
    if (next === -1 - endOfString) return 1 << 18;
    if (next < 0) emitted = (1 << 16) | ((-1 - next) << 20);
    state = next < 0 ? 0 : next;
  }
  return state | emitted | (paddings.has(state) ? 1 << 17 : 0);
}

/** How many bytes a coded text of `length` bytes can become at most. */
export function longestDecoded(length: number): number {
  return Math.ceil((length * 8) / 5);
}

/** Writes the decoded text to `target` and answers its length; -1 for a text that breaks the code. */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number, target: Uint8Array): number {
  let state = 0;
  let size = 0;
  let last = mayEnd;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    for (let nibble = byte >> 4, half = 0; half < 2; half++, nibble = byte & 15) {
      last = automaton[state * 16 + nibble]!;
      if ((last & fails) !== 0) return -1;
      if ((last & emits) !== 0) target[size++] = (last >> 20) & 255;
      state = last & 0xffff;
    }
  }
  return (last & mayEnd) === 0 ? -1 : size;
}
