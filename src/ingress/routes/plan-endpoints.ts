import type { Service } from '../../api/core/v1/types.ts';
import type { EndpointSlice } from '../../api/discovery/v1/types.ts';
import { keyText, type ObjectKey } from '../../apimachinery/object.ts';
import { endpointsOf } from './endpoints.ts';
import type { Routes } from './routes.ts';

export interface EndpointObjects {
  service(key: ObjectKey): Readonly<Service> | undefined;
  /** Those of one Service. */
  slices(service: ObjectKey): readonly Readonly<EndpointSlice>[];
}

/**
 * The endpoints of backends, as the balancer reads them; a backend without endpoints is not among them. `services` (by
 * `namespace/name`) limits it to backends of these; the others keep what is in `before`.
 */
export function planEndpoints(
  { backends }: Pick<Routes, 'backends'>,
  objects: EndpointObjects,
  before: ReadonlyMap<string, string> = new Map(),
  services?: ReadonlySet<string>,
): Map<string, string> {
  const planned = new Map<string, string>();
  for (const [name, backend] of backends) {
    const isSame = services !== undefined && !services.has(keyText(backend.service));
    const text = isSame
      ? (before.get(name) ?? '')
      : endpointsOf(backend, objects.service(backend.service), objects.slices(backend.service)).join(' ');
    if (text !== '') planned.set(name, text);
  }
  return planned;
}

/** What has to be told to who knows `before`: new and changed backends, and those that are gone with an empty text. */
export function endpointChanges(
  before: ReadonlyMap<string, string>,
  wanted: ReadonlyMap<string, string>,
): Map<string, string> {
  const changes = new Map([...wanted].filter(([name, text]) => before.get(name) !== text));
  for (const name of before.keys()) if (!wanted.has(name)) changes.set(name, '');
  return changes;
}
