import { refused } from '../../apimachinery/status.ts';
import { decodeBody } from './body.ts';
import { createMissing } from './create.ts';
import { keyOfOperation, type Answer, type Core, type Operation } from './operation.ts';
import { storageKey } from '../catalog/served-version.ts';
import { draftOf } from './write.ts';
import { writeOver } from './write-over.ts';

/** PUT: replaces the object, or creates it where the kind's strategy lets an update do that. */
export async function update(core: Core, operation: Operation): Promise<Answer> {
  const wanted = decodeBody(operation);
  const { resourceVersion = '', uid } = wanted.metadata;
  if (resourceVersion !== '' && !/^\d+$/.test(resourceVersion)) {
    throw refused.other(
      500,
      undefined,
      `resourceVersion: Invalid value: ${JSON.stringify(resourceVersion)}: strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`,
    );
  }
  // A write that says its version is tried once; the others may need what was sent again.
  const isTriedOnce = Number(resourceVersion) > 0;
  return writeOver(core, operation, {
    transform: (old) => {
      if (uid && uid !== old.metadata.uid) throw otherUid(operation, uid, old.metadata.uid!);
      return isTriedOnce ? wanted : draftOf(wanted);
    },
    createMissing: async () => {
      if (uid) throw otherUid(operation, uid, '');
      const { served, request } = operation;
      if (request.subresource !== undefined || served.strategy.allowCreateOnUpdate !== true)
        throw refused.notFound(served.type, request.name!);
      const draft = draftOf(wanted);
      delete draft.metadata.resourceVersion;
      return createMissing(core, operation, draft, false);
    },
  });
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
