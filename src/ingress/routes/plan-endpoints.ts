import type { Service } from '../../api/core/v1/types.ts';
import type { EndpointSlice } from '../../api/discovery/v1/types.ts';
import { keyText, type ObjectKey } from '../../apimachinery/object.ts';
import { endpointsOf } from './endpoints.ts';
import type { Backend, Problem, Routes } from './routes.ts';

export interface EndpointObjects {
  /** Called for a backend whose endpoints cannot be found out: it keeps those of before. */
  onFailure(backend: string, error: unknown): void;
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
    const text = (isSame ? undefined : textOf(name, backend, objects)) ?? before.get(name) ?? '';
    if (text !== '') planned.set(name, text);
  }
  return planned;
}

function textOf(name: string, backend: Backend, objects: EndpointObjects): string | undefined {
  try {
    return endpointsOf(backend, objects.service(backend.service), objects.slices(backend.service)).join(' ');
  } catch (error) {
    objects.onFailure(name, error);
    return undefined;
  }
}

/**
 * The problems of the routes, and those of Ingresses whose backends have no endpoints that can be used (`failures`:
 * why).
 */
export function withFailures({ servers, problems }: Routes, failures: ReadonlyMap<string, string>): Routes['problems'] {
  if (failures.size === 0) return problems;
  const all = new Map<string, readonly Problem[]>(problems);
  for (const { ingress, backend = '' } of servers.flatMap(({ locations }) => locations)) {
    const why = failures.get(backend);
    if (why === undefined) continue;
    const message = `The endpoints of backend "${backend}" cannot be used: ${why}`;
    const known = all.get(keyText(ingress)) ?? [];
    if (!known.some((problem) => problem.message === message))
      all.set(keyText(ingress), [...known, { reason: 'BadEndpoints', message }]);
  }
  return all;
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
