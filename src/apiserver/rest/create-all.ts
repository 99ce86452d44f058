import type { KubeObject } from '../../apimachinery/object.ts';
import { storageKey } from '../catalog/served-version.ts';
import { admitted, alreadyThere } from './create.ts';
import type { Core, Operation } from './operation.ts';
import { encode, put } from './write.ts';

/**
 * Creates many objects of a kind for one who asks for all of them: each passes admission, validation and the store as by
 * itself, but the request's way is gone once, and the cache is waited for once. `objects` fit their type, have names, and
 * are changed. Answers what each was refused with; `undefined`: it is stored.
 */
export async function createAll(
  core: Core,
  operation: Operation,
  objects: readonly KubeObject[],
): Promise<readonly (Error | undefined)[]> {
  const { served } = operation;
  if (served.allocator !== undefined || served.stored === undefined)
    throw new Error(`Cannot create many "${served.type.resource}" at once: they need more than a place in the store`);
  await core.cache.ready(served.prefix);
  let newest = 0;
  const refusals = await Promise.all(
    objects.map((object) =>
      store(core, operation, object).then(
        (revision) => void (newest = Math.max(newest, revision)),
        (error: unknown) => error as Error,
      ),
    ),
  );
  await core.cache.reached(newest);
  return refusals;
}

/** Answers the revision that the object came with. */
async function store(core: Core, operation: Operation, wanted: KubeObject): Promise<number> {
  const { served, request } = operation;
  const draft = await admitted(core, operation, wanted, { owned: false });
  const key = storageKey(served, request.namespace, draft.metadata.name);
  const encoding = encode(served, draft);
  const bytes = encoding instanceof Promise ? await encoding : encoding;
  const result = await put(core, operation, key, 'absent', bytes);
  if (result.committed) return result.revision;
  throw alreadyThere(operation, draft, core.cache.kind(served.prefix).readable(key));
}
