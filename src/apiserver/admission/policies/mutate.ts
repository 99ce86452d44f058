import { appliedErrors, joinedErrors } from '../../../apimachinery/managed-fields/applied.ts';
import { mergeApplied } from '../../../apimachinery/managed-fields/merge.ts';
import type { KubeObject } from '../../../apimachinery/object.ts';
import { applyJsonPatch } from '../../../apimachinery/patch/json-patch.ts';
import { isObject } from '../../../apimachinery/patch/json-value.ts';
import { memberNamed, type Structure } from '../../../apimachinery/structure.ts';

/**
 * The object with the fields of an apply configuration. Throws an error where that does not fit the kind, or would
 * replace a whole of which it need only know a part.
 */
export function withApplied(object: Readonly<KubeObject>, applied: unknown, structure: Structure): KubeObject {
  const errors = appliedErrors(applied, structure);
  if (errors.length > 0)
    throw new Error(`error applying patch: failed to convert patch object to typed object: ${joinedErrors(errors)}`);
  const wholes: string[] = [];
  findWholes(applied, structure, '', wholes);
  if (wholes.length > 0) {
    const named = `may not mutate atomic arrays, maps or structs: ${wholes.join(', ')}`;
    throw new Error(`error applying patch: invalid ApplyConfiguration: ${named}`);
  }
  return mergeApplied(object, applied, structure) as KubeObject;
}

/** Finds the paths of what is owned as a whole. */
function findWholes(value: unknown, structure: Structure, path: string, found: string[]): void {
  if (Array.isArray(value)) {
    if (structure.kind !== 'list') return;
    if (structure.listType === 'atomic') found.push(path);
    value.forEach((item, i) => findWholes(item, structure.element, `${path}[${i}]`, found));
  } else if (isObject(value)) {
    if (structure.kind !== 'object' && structure.kind !== 'map') return;
    if (structure.atomic) found.push(path);
    for (const name of Object.keys(value)) {
      const type = structure.kind === 'map' ? structure.element : memberNamed(structure, name)?.type;
      if (type !== undefined) findWholes((value as Record<string, unknown>)[name], type, `${path}.${name}`, found);
    }
  }
}

/** The object after a JSON patch; as it was, where a test of the patch fails. Throws an error where it does not apply. */
export function withPatch(object: Readonly<KubeObject>, patch: readonly unknown[]): KubeObject {
  if (applies(object, patch)) return applyJsonPatch(object, patch) as KubeObject;
  // The first operation that does not apply is between what does and what does not.
  let [good, bad] = [0, patch.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (applies(object, patch.slice(0, middle))) good = middle;
    else bad = middle;
  }
  const { op = '', path = '' } = patch[bad - 1] as { op?: string; path?: string };
  if (op === 'test') return object;
  throw new Error(`JSON Patch: ${whyNot(op, path)}`);
}

function applies(object: Readonly<KubeObject>, patch: readonly unknown[]): boolean {
  try {
    applyJsonPatch(object, patch);
    return true;
  } catch {
    return false;
  }
}

function whyNot(op: string, path: string): string {
  if (!['add', 'remove', 'replace', 'move', 'copy'].includes(op)) return `Unexpected kind: ${op}`;
  const key = path.slice(path.lastIndexOf('/') + 1);
  if (op === 'remove' && path !== '')
    return `error in remove for path: '${path}': Unable to remove nonexistent key: ${key}: missing value`;
  return `${op} operation does not apply: doc is missing path: ${JSON.stringify(path)}: missing value`;
}
