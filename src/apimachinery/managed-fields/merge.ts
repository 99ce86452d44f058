import { wholeOf, type Steps } from '../../base/in-steps.ts';
import { cloneJson } from '../clone.ts';
import { memberOf, setMember, type JsonObject } from '../patch/json-value.ts';
import { memberNamed, resolved, type ListStructure, type ObjectStructure, type Structure } from '../structure.ts';
import { itemPart } from './list-items.ts';

/** Of longer lists so many items are done between two turns. */
const fewItems = 1000;

/** As {@link mergingApplied}, at once. */
export function mergeApplied(live: unknown, applied: unknown, structure: Structure): unknown {
  return wholeOf(mergingApplied(live, applied, structure));
}

/**
 * Lays an applied configuration over an object: members are merged, items of lists by their keys, what is atomic is
 * replaced. Changes neither argument; the result may share parts with `live`, and nothing with `applied`. In turns, for
 * what is large.
 */
export function* mergingApplied(live: unknown, applied: unknown, given: Structure): Steps<unknown> {
  if (applied === undefined) return live;
  if (live === undefined || live === null || applied === null) return cloneJson(applied);
  const structure = resolved(given, live, applied);
  switch (structure.kind) {
    case 'object':
      return structure.atomic
        ? cloneJson(applied)
        : yield* mergedMembers(live as JsonObject, applied as JsonObject, structure);
    case 'map':
      return structure.atomic
        ? cloneJson(applied)
        : yield* mergedEntries(live as JsonObject, applied as JsonObject, structure.element);
    case 'list':
      return structure.listType === 'atomic'
        ? cloneJson(applied)
        : yield* mergedItems(live as unknown[], applied as unknown[], structure);
    default:
      return cloneJson(applied);
  }
}

function* mergedMembers(live: JsonObject, applied: JsonObject, structure: ObjectStructure): Steps<JsonObject> {
  const merged = { ...live };
  for (const name in applied) {
    const member = memberNamed(structure, name);
    if (member !== undefined) merged[name] = yield* mergingApplied(live[name], applied[name], member.type);
  }
  return merged;
}

function* mergedEntries(live: JsonObject, applied: JsonObject, element: Structure): Steps<JsonObject> {
  const merged = { ...live };
  for (const name in applied)
    setMember(merged, name, yield* mergingApplied(memberOf(live, name), applied[name], element));
  return merged;
}

/**
 * The applied items keep their order among each other. An item that is only in `live` keeps its place before the applied
 * items that stood behind it, as far as these have kept their order.
 */
function* mergedItems(live: readonly unknown[], applied: readonly unknown[], list: ListStructure): Steps<unknown[]> {
  const liveParts = live.map((item) => itemPart(item, list));
  const appliedParts = applied.map((item) => itemPart(item, list));
  const liveByPart = new Map(liveParts.map((part, index) => [part, live[index]]).reverse() as [string, unknown][]);
  const wanted = new Set(appliedParts);
  const shared = appliedParts.filter((part) => part !== undefined && liveByPart.has(part));
  const done = new Set<string | undefined>();
  const merged: unknown[] = [];
  let at = 0;
  let nextShared = 0;

  const passLive = (until: string | undefined) => {
    for (; at < live.length; at++) {
      const part = liveParts[at];
      if (part === undefined || !wanted.has(part)) merged.push(live[at]);
      else if (until !== undefined && (part === until || (!done.has(part) && part === shared[nextShared]))) return;
    }
  };
  for (const [index, part] of appliedParts.entries()) {
    if ((index + 1) % fewItems === 0) yield;
    passLive(part);
    const before = part === undefined ? undefined : liveByPart.get(part);
    merged.push(yield* mergingApplied(before, applied[index], list.element));
    done.add(part);
    if (part === shared[nextShared]) nextShared++;
    if (at < live.length && liveParts[at] === part) at++;
  }
  passLive(undefined);
  return merged;
}
