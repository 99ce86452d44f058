import { cloneJson } from '../../apimachinery/clone.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import type { ServedVersion } from '../catalog/served-version.ts';

/**
 * Makes an object that shares frozen parts with a stored one into a draft: what may be changed in place is its own. A
 * spec or status that is the stored one as a whole stays it where the kind can take that, so that whatever comes
 * later sees with one look that nothing in it has changed. Changes `object` in place and answers it.
 */
export function madePrivate(object: KubeObject, { strategy }: ServedVersion): KubeObject {
  const members = object as unknown as Record<string, unknown>;
  for (const name in members) {
    if (name === 'metadata') object.metadata = privateMetadata(object.metadata);
    else if (strategy.takesFrozen !== true || !Object.isFrozen(members[name])) members[name] = thawed(members[name]);
  }
  return object;
}

/** Entries of managed fields are replaced, never changed: the list may be the stored one. */
function privateMetadata(metadata: KubeObject['metadata']): KubeObject['metadata'] {
  const { managedFields, ...rest } = metadata;
  const own: KubeObject['metadata'] = thawed(Object.isFrozen(metadata) ? Object.freeze(rest) : rest);
  if (managedFields !== undefined) own.managedFields = managedFields;
  return own;
}

/** The same value with copies of its frozen parts. */
function thawed<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Object.isFrozen(value)) return cloneJson(value);
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) value[at] = thawed(value[at]);
    return value;
  }
  const members = value as Record<string, unknown>;
  for (const name in members) {
    const member = members[name];
    const own = thawed(member);
    if (own !== member) members[name] = own;
  }
  return value;
}
