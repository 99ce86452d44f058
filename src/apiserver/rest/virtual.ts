import { apiVersionOf } from '../../apimachinery/resource-type.ts';
import { refused } from '../../apimachinery/status.ts';
import { decodeVirtual } from './body.ts';
import { ownNewFields } from './field-managers.ts';
import type { Core } from './operation.ts';
import { isTrueText } from './truth.ts';
import type { VirtualCall, VirtualResource } from './virtual-resource.ts';

/** Which virtual resource a path or request names. */
interface Place {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

/** The kinds that are answered and never stored. */
export class VirtualResources {
  readonly all: readonly VirtualResource[];
  readonly #byPlace = new Map<string, VirtualResource>();

  constructor(all: readonly VirtualResource[]) {
    this.all = all;
    for (const one of all)
      this.#byPlace.set(placeText({ ...(one.parent?.type ?? one.type), subresource: one.parent?.subresource }), one);
  }

  find(place: Place): VirtualResource | undefined {
    return this.#byPlace.get(placeText(place));
  }
}

function placeText({ group, version, resource, subresource = '' }: Place): string {
  return `${group}/${version}/${resource}/${subresource}`;
}

/** Decodes the question and answers it. */
export async function createVirtual(core: Core, resource: VirtualResource, call: VirtualCall): Promise<object> {
  const { type } = resource;
  const isOfNamespace = type.namespaced || resource.parent?.type.namespaced === true;
  if (isOfNamespace !== (call.namespace !== undefined)) throw refused.pathNotFound();
  const draft = decodeVirtual(core, resource, call);
  resource.defaults?.(draft);
  ownNewFields(core, resource, call, draft);
  const { namespace, name, user } = call;
  const answer = await resource.create(draft, {
    user,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    dryRun: isTrueText(call.options['dryRun']),
    context: core.context,
  });
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = answer;
  const { name: given, ...nameless } = metadata ?? {};
  return { kind: type.kind, apiVersion: apiVersionOf(type), metadata: given ? metadata : nameless, ...rest };
}
