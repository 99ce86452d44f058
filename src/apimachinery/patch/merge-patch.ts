import { cloneJson } from '../clone.ts';
import { refused } from '../status.ts';
import { isObject, jsonTypeName, memberOf, setMember, type JsonObject } from './json-value.ts';

/**
 * JSON merge patch (RFC 7396): members that are null go, objects are merged, everything else is replaced. Changes
 * neither argument; the result may share unchanged parts with `original`, and nothing with `patch`.
 * Throws BadRequest when the patch is no object.
 */
export function applyMergePatch(original: unknown, patch: unknown): unknown {
  if (!isObject(patch))
    throw refused.badRequest(
      `error decoding patch: json: cannot unmarshal ${jsonTypeName(patch)} into Go value of type map[string]interface {}`,
    );
  return mergedObject(original, patch);
}

function mergedObject(original: unknown, patch: JsonObject): JsonObject {
  const result: JsonObject = isObject(original) ? { ...original } : {};
  for (const name of Object.keys(patch)) {
    const value = patch[name];
    if (value === null) delete result[name];
    else if (isObject(value)) setMember(result, name, mergedObject(memberOf(result, name), value));
    else setMember(result, name, cloneJson(value));
  }
  return result;
}
