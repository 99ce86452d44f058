import { apiVersionOf } from '../../apimachinery/resource-type.ts';
import { refused } from '../../apimachinery/status.ts';
import { decodeVirtual } from './body.ts';
import { ownNewFields } from './field-managers.ts';
import type { Core } from './operation.ts';
import { booleanOption } from './boolean-option.ts';
import { checkWriteOptions } from './options.ts';
import type { VirtualCall, VirtualResource } from './virtual-resource.ts';

/** Decodes the question and answers it. */
export async function createVirtual(core: Core, resource: VirtualResource, call: VirtualCall): Promise<object> {
  const { type } = resource;
  const isOfNamespace = type.namespaced || resource.parent?.type.namespaced === true;
  if (isOfNamespace !== (call.namespace !== undefined)) throw refused.pathNotFound();
  checkWriteOptions({ verb: 'create', options: call.options });
  const draft = decodeVirtual(core, resource, call);
  resource.defaults?.(draft);
  ownNewFields(core, resource, call, draft);
  const { namespace, name, user } = call;
  const answer = await resource.create(draft, {
    user,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    dryRun: booleanOption(call.options['dryRun']),
    context: core.context,
  });
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = answer;
  const { name: given, ...nameless } = metadata ?? {};
  return { kind: type.kind, apiVersion: apiVersionOf(type), metadata: given ? metadata : nameless, ...rest };
}
