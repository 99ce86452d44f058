import type { Stored } from '../../apimachinery/canonical-json.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { refused } from '../../apimachinery/status.ts';
import { decodeBody } from './body.ts';
import { createMissing } from './create.ts';
import { keyOfOperation, type Answer, type Core, type Operation } from './operation.ts';
import { storageKey } from '../catalog/served-version.ts';
import { writeOver } from './write-over.ts';

/** PUT: replaces the object, or creates it where the kind's strategy lets an update do that. */
export async function update(core: Core, operation: Operation): Promise<Answer> {
  const stored = sharable(core, operation);
  const first = decodeBody(operation, stored);
  const { resourceVersion = '', uid } = first.metadata;
  if (resourceVersion !== '' && !/^\d+$/.test(resourceVersion)) {
    throw refused.other(
      500,
      undefined,
      `resourceVersion: Invalid value: ${JSON.stringify(resourceVersion)}: strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`,
    );
  }
  let isFirst = true;
  /** Each try changes its own. What was shared may be shared no more when another object is replaced. */
  const wanted = (old: Readonly<KubeObject> | undefined): KubeObject => {
    const isSame = isFirst && (stored === undefined || stored.object === old);
    isFirst = false;
    return isSame ? first : decodeBody({ ...operation, warn: () => {} });
  };
  return writeOver(core, operation, {
    transform: (old) => {
      if (uid && uid !== old.metadata.uid) throw otherUid(operation, uid, old.metadata.uid!);
      return wanted(old);
    },
    createMissing: async () => {
      const { served, request } = operation;
      if (request.subresource !== undefined || served.strategy.allowCreateOnUpdate !== true)
        throw refused.notFound(served.type, request.name!);
      if (uid) throw otherUid(operation, uid, '');
      const draft = wanted(undefined);
      delete draft.metadata.resourceVersion;
      return createMissing(core, operation, draft, false);
    },
  });
}

/** The stored object and its bytes, of a kind that can do with members of it. */
function sharable(core: Core, operation: Operation): Stored | undefined {
  const { served, request } = operation;
  const { subresource, namespace, name } = request;
  if (served.strategy.takesFrozen !== true || served.form.conversion !== undefined || name === undefined)
    return undefined;
  if (subresource !== undefined && subresource !== 'status') return undefined;
  const entry = core.cache.opened(served.prefix)?.get(storageKey(served, namespace, name));
  const bytes = entry?.bytesIn(served.form);
  return bytes && { object: entry!.object(served.form), bytes };
}

/** What a PUT says when the object is another one than its author has read; in the words of upstream's store. */
function otherUid(operation: Operation, wanted: string, is: string): Error {
  const { namespace, name } = keyOfOperation(operation);
  const where = storageKey(operation.served, namespace, name);
  return refused.conflict(
    operation.served.type,
    name,
    `StorageError: invalid object, Code: 4, Key: ${where}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${is}`,
  );
}
