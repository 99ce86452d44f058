import { refused } from '../../apimachinery/status.ts';
import { create } from './create.ts';
import { bytesOfBody, withTurns } from './with-turns.ts';
import { readMeasured } from './measured.ts';
import type { Answer, Core, Operation } from './operation.ts';
import { checkTimeout, checkWriteOptions } from './options.ts';
import { patch } from './patch.ts';
import { get, list } from './read.ts';
import { deleteCollection, deleteOne } from './remove.ts';
import { scale } from './scale.ts';
import { update } from './update.ts';

/** Carries out one authorised request that its kind is known to take; watches and streams are handled apart. */
export function handle(core: Core, given: Operation): Answer | Promise<Answer> {
  const operation = withTurns(core, given, bytesOfBody(given));
  const { request, served } = operation;
  checkTimeout(operation);
  checkWriteOptions(request);
  const opening = served.stored === undefined ? undefined : core.cache.ready(served.prefix);
  return opening === undefined ? carryOut(core, operation) : opening.then(() => carryOut(core, operation));
}

/** Throws what is refused at once, and rejects with what is refused later. */
function carryOut(core: Core, operation: Operation): Answer | Promise<Answer> {
  const { request, served } = operation;
  const { verb, subresource } = request;
  if (subresource !== undefined) return handleSubresource(core, operation, subresource);
  if (served.measured !== undefined) return readMeasured(core, operation);
  switch (verb) {
    case 'get':
      return get(core, operation);
    case 'list':
      return list(core, operation);
    case 'create':
      return create(core, operation);
    case 'update':
      return update(core, operation);
    case 'patch':
      return patch(core, operation);
    case 'delete':
      return deleteOne(core, operation);
    case 'deletecollection':
      return deleteCollection(core, operation);
    case 'watch':
      throw new Error('Cannot answer a watch at once: it is a stream');
  }
}

function handleSubresource(core: Core, operation: Operation, subresource: string): Answer | Promise<Answer> {
  const { served, request } = operation;
  const { scale: scaleView, updates, handlers } = served.subresources ?? {};
  if (subresource === 'scale' && scaleView !== undefined) return scale(core, operation);
  const handler = handlers?.[subresource];
  if (handler !== undefined) return handler(core, operation);
  if (subresource !== 'status' && updates?.[subresource] === undefined) throw refused.pathNotFound();
  switch (request.verb) {
    case 'get':
      return get(core, operation);
    case 'update':
      return update(core, operation);
    case 'patch':
      return patch(core, operation);
    default:
      throw refused.methodNotAllowed();
  }
}
