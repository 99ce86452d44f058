import type { KubeObject } from '../../apimachinery/object.ts';
import { refused } from '../../apimachinery/status.ts';
import { applyJsonPatch } from '../../apimachinery/patch/json-patch.ts';
import { applyMergePatch } from '../../apimachinery/patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../../apimachinery/patch/strategic-merge.ts';
import { createMissing } from './create.ts';
import { checkName, decodeApplied, type DecodedBody } from './body.ts';
import { appliedOver } from './field-managers.ts';
import { keyOfOperation, type Answer, type Core, type Operation } from './operation.ts';
import { checkTyped, decodePatch } from './patch-body.ts';
import { unknownPatchType } from './patch-types.ts';
import type { ServedVersion } from '../catalog/served-version.ts';
import { madePrivate } from './sharing.ts';
import { writeOver } from './write-over.ts';
import { draftOf } from './write.ts';

export async function patch(core: Core, operation: Operation): Promise<Answer> {
  if (operation.request.patchType === 'strategic' && !operation.served.isBuiltIn)
    throw unknownPatchType(operation.served);
  return operation.request.patchType === 'apply' ? serverSideApply(core, operation) : patchExisting(core, operation);
}

async function patchExisting(core: Core, operation: Operation): Promise<Answer> {
  const { served, request } = operation;
  const read = decodePatch(operation);
  const { name } = keyOfOperation(operation);
  return writeOver(core, operation, {
    transform: (old, nextTurn) => {
      const patched = () => patchedOver(request.patchType!, old, read.value, served);
      const finished = (typed: KubeObject): KubeObject => {
        const draft = madePrivate(typed, served);
        checkName(draft.metadata.name, name);
        if (request.namespace !== undefined && draft.metadata.namespace !== request.namespace)
          throw refused.badRequest(
            'the namespace of the provided object does not match the namespace sent on the request',
          );
        return draft;
      };
      if (nextTurn === undefined) return finished(checkTyped(operation, served, read, patched));
      return checkedInTurns(operation, served, read, patched, nextTurn).then(finished);
    },
  });
}

/** As {@link checkTyped}, with turns for others before it and behind it. */
async function checkedInTurns(
  operation: Operation,
  served: ServedVersion,
  read: DecodedBody,
  patched: () => unknown,
  nextTurn: () => Promise<void>,
): Promise<KubeObject> {
  let first: { readonly value: unknown } | undefined = { value: patched() };
  await nextTurn();
  const typed = checkTyped(operation, served, read, () => {
    const { value } = first ?? { value: patched() };
    first = undefined;
    return value;
  });
  await nextTurn();
  return typed;
}

/** The result of a merge shares with `old`, which is frozen, what the patch leaves alone, where it stood. */
function patchedOver(
  type: 'json' | 'merge' | 'strategic' | 'apply',
  old: Readonly<KubeObject>,
  body: unknown,
  { schema, type: { definition } }: ServedVersion,
): unknown {
  switch (type) {
    case 'json':
      // Its operations move values to places where other types stand.
      return applyJsonPatch(draftOf(old), body);
    case 'merge':
      return applyMergePatch(old, body);
    default:
      return applyStrategicMergePatch(old, body, { schema, definition });
  }
}

/** The result shares nothing with `old`. */
export function patchedCopy(
  type: 'json' | 'merge' | 'strategic' | 'apply',
  old: Readonly<KubeObject>,
  body: unknown,
  served: ServedVersion,
): unknown {
  return patchedOver(type, draftOf(old), body, served);
}

/** Server-side apply: creates the object where it is missing. */
async function serverSideApply(core: Core, operation: Operation): Promise<Answer> {
  const { served, request } = operation;
  const applied = decodeApplied(operation);
  const { name } = keyOfOperation(operation);
  return writeOver(core, operation, {
    owned: true,
    transform: (old, nextTurn) => appliedOver(core, operation, applied, old, nextTurn),
    createMissing: async () => {
      const { uid } = applied.metadata;
      if (uid)
        throw refused.conflict(
          served.type,
          name,
          `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
        );
      if (request.subresource !== undefined) throw refused.notFound(served.type, name);
      checkName(applied.metadata.name, name);
      return createMissing(core, operation, await appliedOver(core, operation, applied, undefined), true);
    },
  });
}
