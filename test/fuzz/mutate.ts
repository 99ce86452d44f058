import type { Random } from '../../src/base/random.ts';
import { below, chance, oddValue, pick } from './odd-values.ts';

type Members = Record<string, unknown>;

/** A copy with one to four changes somewhere inside. */
export function mutated(random: Random, value: unknown): unknown {
  const copy = structuredClone(value);
  for (let left = 1 + below(random, 4); left > 0; left--) changeSomewhere(random, copy);
  return copy;
}

function changeSomewhere(random: Random, root: unknown): void {
  let at = root;
  for (let depth = 0; typeof at === 'object' && at !== null; depth++) {
    const holder = at as Members;
    const names = Object.keys(holder);
    if (names.length === 0 || chance(random, 0.15)) return void add(random, holder);
    const name = pick(random, names);
    const inner = holder[name];
    if (typeof inner !== 'object' || inner === null || chance(random, 0.2)) return change(random, holder, name);
    at = inner;
    if (depth > 50) return;
  }
}

function add(random: Random, holder: Members): void {
  if (Array.isArray(holder)) holder.push(holder.length > 0 && chance(random, 0.5) ? holder[0] : oddValue(random));
  else
    holder[pick(random, ['extra', 'name', 'metadata', 'spec', 'status', '$patch', '$retainKeys', '__proto_'])] =
      oddValue(random);
}

function change(random: Random, holder: Members, name: string): void {
  const what = below(random, 4);
  if (what === 0 && !Array.isArray(holder)) delete holder[name];
  else if (what === 1) holder[name] = [holder[name], holder[name]];
  else holder[name] = oddValue(random);
}

/** The bytes with some of them cut, doubled, changed or put elsewhere. */
export function mutatedBytes(random: Random, bytes: Buffer): Buffer {
  let now = Buffer.from(bytes);
  for (let left = 1 + below(random, 3); left > 0; left--) {
    const at = below(random, now.length + 1);
    const length = below(random, 40);
    const what = below(random, 5);
    if (what === 0) now = now.subarray(0, at);
    else if (what === 1) now = Buffer.concat([now.subarray(0, at), now.subarray(at + length)]);
    else if (what === 2) now = Buffer.concat([now.subarray(0, at), now.subarray(at, at + length), now.subarray(at)]);
    else if (what === 3) now = Buffer.concat([now.subarray(0, at), random.bytes(length), now.subarray(at)]);
    else if (at < now.length) now[at] = below(random, 256);
  }
  return now;
}
