import type { Steps } from '../base/in-steps.ts';

/** Lists and objects with more members than these are written member by member, those with fewer part by part. */
const fewMembers = 32;
/** So many members, or letters, are written between two turns. */
const membersAtOnce = 256;
const lettersAtOnce = 4096;

/** The text of `JSON.stringify`, of a value as JSON has them, made in turns: for what is large. */
export function* writingJson(value: unknown): Steps<string> {
  if (!isPlain(value)) return JSON.stringify(value);
  const isList = Array.isArray(value);
  const members = Object.entries(value);
  const isWide = members.length > fewMembers;
  let text = '';
  let written = 0;
  for (const [name, member] of members) {
    if (member === undefined && !isList) continue;
    const own = isWide ? JSON.stringify(member) : yield* writingJson(member);
    text += `${text === '' ? '' : ','}${isList ? '' : `${JSON.stringify(name)}:`}${own ?? 'null'}`;
    if (++written % membersAtOnce === 0) yield;
  }
  if (text.length > lettersAtOnce) yield;
  return isList ? `[${text}]` : `{${text}}`;
}

/** Whether it is a list or an object of its own; a number that is kept as its text writes itself. */
function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && typeof (value as { toJSON?: unknown }).toJSON !== 'function';
}
