import { apiVersionOf } from '../../apimachinery/resource-type.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { refused } from '../../apimachinery/status.ts';
import { admissionPhases } from '../admission/phases.ts';
import { decodeVirtual } from './body.ts';
import { ownNewFields } from './field-managers.ts';
import type { Core } from './operation.ts';
import { checkWriteOptions } from './options.ts';
import type { VirtualCall, VirtualResource } from './virtual-resource.ts';

/** Decodes the question, lets admission see it, and answers it. */
export async function createVirtual(core: Core, resource: VirtualResource, call: VirtualCall): Promise<object> {
  const { type } = resource;
  const isOfNamespace = type.namespaced || resource.parent?.type.namespaced === true;
  if (isOfNamespace !== (call.namespace !== undefined)) throw refused.pathNotFound();
  checkWriteOptions({ verb: 'create', options: call.options });
  const draft = decodeVirtual(resource, call);
  resource.defaults?.(draft);
  ownNewFields(core, resource, call, draft);
  const { namespace, name, user } = call;
  await admit(core, resource, call, draft);
  const answer = await resource.create(draft, {
    user,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    dryRun: call.options['dryRun'] === 'All',
    context: core.context,
  });
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = answer;
  const { name: given, ...nameless } = metadata ?? {};
  return { kind: type.kind, apiVersion: apiVersionOf(type), metadata: given ? metadata : nameless, ...rest };
}

async function admit(
  core: Core,
  { type, parent }: VirtualResource,
  call: VirtualCall,
  object: KubeObject,
): Promise<void> {
  const { user, namespace, name, options } = call;
  const phases = admissionPhases(core.admission, core.context, {
    operation: 'CREATE',
    type: parent?.type ?? type,
    object,
    name: name ?? object.metadata.name,
    user,
    dryRun: options['dryRun'] === 'All',
    warn: (text) => call.warn(text),
    // Reviews are not stored: nobody has anything to say of them to audit.
    annotate() {},
    ...(namespace !== undefined && { namespace }),
    ...(parent !== undefined && { subresource: parent.subresource }),
  });
  await phases.mutate();
  await phases.guard();
  await phases.validate();
}
