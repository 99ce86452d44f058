import { cloneJson } from '../clone.ts';
import { jsonEqual } from '../equality.ts';
import { refused, type StatusError } from '../status.ts';
import { isObject, jsonTypeName, memberOf, setMember } from './json-value.ts';
import { LongLists } from './long-lists.ts';

const maximumOperations = 10_000;
/** All copies of one patch together, as JSON text: a few operations could otherwise double a document again and again. */
const maximumCopiedLength = 3 * 1024 * 1024;

/**
 * JSON patch (RFC 6902) as Kubernetes' server does it: `replace` may add a member that is missing, `copy` of a missing
 * member copies null, and indexes below zero count from the end. Neither argument is changed; the result shares nothing
 * with `patch`. Throws StatusError: BadRequest for what is no patch, Invalid for a patch that does not apply.
 */
export function applyJsonPatch(original: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch))
    throw refused.badRequest(
      `error decoding patch: json: cannot unmarshal ${jsonTypeName(patch)} into Go value of type []handlers.jsonPatchOp`,
    );
  if (patch.length > maximumOperations)
    throw refused.tooLarge(
      `The allowed maximum operations in a JSON patch is ${maximumOperations}, got ${patch.length}`,
    );
  const state: State = { document: cloneJson(original), copied: 0, lists: new LongLists() };
  try {
    for (const operation of patch) apply(state, operation);
    return state.lists.whole(state.document);
  } catch (error) {
    // Copies within what they copy nest deeper and deeper, until no walk comes to their end.
    throw error instanceof RangeError ? doesNotApply() : error;
  }
}

interface State {
  document: unknown;
  readonly lists: LongLists;
  copied: number;
}

function apply(state: State, operation: unknown): void {
  if (!isObject(operation)) throw refused.badRequest('error decoding patch: an operation must be an object');
  const { op, path, from } = operation as { op?: unknown; path?: unknown; from?: unknown };
  if (typeof path !== 'string') throw doesNotApply();
  const value = Object.hasOwn(operation, 'value') ? operation['value'] : undefined;
  switch (op) {
    case 'add':
      return add(state, path, cloneJson(value ?? null));
    case 'remove':
      return remove(state, path);
    case 'replace':
      return replace(state, path, cloneJson(value ?? null));
    case 'move': {
      if (typeof from !== 'string') throw doesNotApply();
      const moved = get(state, from);
      remove(state, from);
      return add(state, path, moved);
    }
    case 'copy': {
      if (typeof from !== 'string') throw doesNotApply();
      const copy = cloneJson(state.lists.whole(get(state, from)) ?? null);
      state.copied += JSON.stringify(copy).length;
      if (state.copied > maximumCopiedLength) throw doesNotApply();
      return add(state, path, copy);
    }
    case 'test': {
      // Comparing ends the patch, or costs no more than the operation is long.
      const found = state.lists.whole(path === '' ? state.document : get(state, path));
      if (!jsonEqual(found ?? null, value ?? null)) throw doesNotApply();
      return;
    }
    default:
      throw doesNotApply();
  }
}

function add(state: State, path: string, value: unknown): void {
  const { parent, key } = locate(state, path);
  if (!Array.isArray(parent)) return setMember(parent, key, value);
  const length = state.lists.length(parent);
  state.lists.insert(parent, key === '-' ? length : indexIn(key, length + 1), value);
}

function remove(state: State, path: string): void {
  const { parent, key } = locate(state, path);
  if (Array.isArray(parent)) {
    state.lists.remove(parent, indexIn(key, state.lists.length(parent)));
    return;
  }
  if (!Object.hasOwn(parent, key)) throw doesNotApply();
  delete parent[key];
}

function replace(state: State, path: string, value: unknown): void {
  if (path === '') {
    if (typeof value !== 'object' || value === null) throw doesNotApply();
    state.document = value;
    return;
  }
  const { parent, key } = locate(state, path);
  if (!Array.isArray(parent)) return setMember(parent, key, value);
  state.lists.set(parent, indexIn(key, state.lists.length(parent)), value);
}

/** The value at the path; `undefined` for a member that is missing. */
function get(state: State, path: string): unknown {
  const { parent, key } = locate(state, path);
  return Array.isArray(parent) ? itemOf(state, parent, key) : memberOf(parent, key);
}

function itemOf({ lists }: State, list: unknown[], key: string): unknown {
  return lists.get(list, indexIn(key, lists.length(list)));
}

interface Place {
  readonly parent: Record<string, unknown> | unknown[];
  readonly key: string;
}

/** The object or list that holds the last part of the path; all before it must exist. */
function locate(state: State, path: string): Place {
  const parts = path.split('/');
  if (parts.length < 2) throw doesNotApply();
  let at: unknown = state.document;
  for (const part of parts.slice(1, -1)) {
    const key = decoded(part);
    if (Array.isArray(at)) at = itemOf(state, at, key);
    else if (isObject(at)) at = memberOf(at, key);
    else throw doesNotApply();
  }
  if (!Array.isArray(at) && !isObject(at)) throw doesNotApply();
  return { parent: at, key: decoded(parts.at(-1)!) };
}

function decoded(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}

function indexIn(key: string, length: number): number {
  if (!/^[+-]?\d+$/.test(key)) throw doesNotApply();
  const index = Number(key) < 0 ? Number(key) + length : Number(key);
  if (index < 0 || index >= length) throw doesNotApply();
  return index;
}

/** Kubernetes does not say which operation failed and why. */
function doesNotApply(): StatusError {
  return refused.other(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
}
