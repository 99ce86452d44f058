import { refused, type StatusError } from '../../apimachinery/status.ts';
import type { RemoteApiService } from '../aggregation/aggregated-versions.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { ServedVersion } from '../catalog/served-version.ts';
import type { VirtualResource } from '../rest/virtual-resource.ts';
import { pathSegmentProblem } from './path-segment.ts';
import type { ResourceTarget, Target } from './target.ts';

export type PodStream = 'exec' | 'attach' | 'portforward';

/** Who answers a request. */
export type Resolved =
  /** Discovery, health and whatever else is no resource. */
  | { readonly kind: 'page' }
  /** Kept in the store, or measured at each request. */
  | { readonly kind: 'stored' | 'measured'; readonly served: ServedVersion; readonly target: ResourceTarget }
  /** Created, answered and forgotten. */
  | { readonly kind: 'virtual'; readonly virtual: VirtualResource; readonly target: ResourceTarget }
  /** The log of a pod. */
  | { readonly kind: 'log'; readonly served: ServedVersion; readonly target: ResourceTarget }
  /** A connection into a pod. */
  | {
      readonly kind: 'stream';
      readonly stream: PodStream;
      readonly served: ServedVersion;
      readonly target: ResourceTarget;
    }
  /** Whatever web server is behind a pod or Service, or the kubelet of a node. */
  | {
      readonly kind: 'proxy';
      readonly of: 'pods' | 'services' | 'nodes';
      readonly served: ServedVersion;
      readonly target: ResourceTarget;
    }
  /** Another server, which an APIService names. */
  | { readonly kind: 'aggregated'; readonly service: RemoteApiService }
  /** No group of that name is known: not the API's 404, but that of a path. */
  | { readonly kind: 'no page' };

/**
 * Finds who answers an authorized request. Throws NotFound, MethodNotAllowed or BadRequest for what nobody does. `warn`
 * hears of kinds that are deprecated.
 */
export function resolve(catalog: Catalog, target: Target, warn: (text: string) => void): Resolved {
  if (!target.isResource) return { kind: 'page' };
  if (target.refusal !== undefined) throw target.refusal;
  const found = catalog.resolve(target);
  if (found.kind === 'absent') {
    if (isBindings(target)) return resolve(catalog, { ...target, resource: 'pods', subresource: 'binding' }, warn);
    if (found.isGroupKnown) throw refused.pathNotFound();
    return { kind: 'no page' };
  }
  if (found.kind === 'virtual') {
    checkVirtual(found.virtual, target);
    return { kind: 'virtual', virtual: found.virtual, target };
  }
  const { served } = found;
  checkScope(served, target);
  if (served.deprecation !== undefined) warn(served.deprecation);
  checkName(target);
  if (target.subresource === undefined) checkVerb(served, target);
  else return ofSubresource(found.kind, served, target, target.subresource);
  return { kind: found.kind, served, target };
}

/** The same for a version that another server answers: what cannot be told of it is for that server to say. */
export function resolveElsewhere(service: RemoteApiService, target: Target): Resolved {
  if (target.isResource) {
    if (target.refusal !== undefined) throw target.refusal;
    checkName(target);
  }
  // Who cleans paths would read another one out of it than was authorized.
  if (target.path.split('/').some((word) => word === '.' || word === '..')) throw refused.pathNotFound();
  return { kind: 'aggregated', service };
}

/** `bindings` is an older way to write `pods/x/binding`, with the name in the body only. */
function isBindings({ group, version, resource, name, verb }: ResourceTarget): boolean {
  return group === '' && version === 'v1' && resource === 'bindings' && name === undefined && verb === 'create';
}

function checkVirtual({ type, parent }: VirtualResource, target: ResourceTarget): void {
  if (parent === undefined && (target.name !== undefined || target.subresource !== undefined))
    throw refused.pathNotFound();
  if (target.rest !== '' && target.rest !== '/') throw refused.pathNotFound();
  const isOfNamespace = type.namespaced || parent?.type.namespaced === true;
  if (isOfNamespace !== (target.namespace !== undefined)) throw refused.pathNotFound();
  if (target.verb !== 'create') throw refused.methodNotAllowed();
}

function checkScope({ type }: ServedVersion, { resource, namespace, name }: ResourceTarget): void {
  // A namespace is in itself alone: else rights in one would count for all others.
  const home = resource === 'namespaces' ? name : undefined;
  if (!type.namespaced && namespace !== undefined && namespace !== home) throw refused.pathNotFound();
  if (type.namespaced && namespace === undefined && name !== undefined) throw refused.pathNotFound();
}

function checkName({ name, namespace }: ResourceTarget): void {
  for (const text of [namespace, name]) {
    const problem = text === undefined ? undefined : pathSegmentProblem(text);
    if (problem !== undefined) throw refused.badRequest(`Name parameter invalid: ${JSON.stringify(text)}: ${problem}`);
  }
}

/** Each verb only where the kind has it, and only with the method that a route has for it. */
function checkVerb({ type, facts }: ServedVersion, { verb, method, name, namespace }: ResourceTarget): void {
  if (method === 'HEAD') throw refused.methodNotAllowed();
  if (verb === 'create' && name !== undefined) throw refused.methodNotAllowed();
  if ((verb === 'update' || verb === 'patch') && name === undefined) throw refused.methodNotAllowed();
  if (type.namespaced && namespace === undefined && verb !== 'list' && verb !== 'watch')
    throw refused.methodNotAllowed();
  if (verb === 'watch' && !facts.verbs.includes('watch') && facts.verbs.includes('list')) throw unwatchable(type);
  if (!facts.verbs.some((one) => one === verb)) throw refused.methodNotAllowed();
}

function unwatchable({ group, resource }: { readonly group: string; readonly resource: string }): StatusError {
  return refused.other(
    405,
    'MethodNotAllowed',
    `watch is not supported on resources of kind ${JSON.stringify(resource)}`,
    { ...(group === '' ? {} : { group }), kind: resource },
  );
}

const proxied = ['pods', 'services', 'nodes'] as const;
const podStreams: readonly PodStream[] = ['exec', 'attach', 'portforward'];

function ofSubresource(
  kind: 'stored' | 'measured',
  served: ServedVersion,
  target: ResourceTarget,
  subresource: string,
): Resolved {
  const { type, facts } = served;
  const { name, rest, verb, method } = target;
  const known = facts.subresources.find((one) => one.name === subresource);
  if (known === undefined && !served.isBuiltIn && name !== undefined) throw refused.notFound(type, name);
  if (known === undefined || (name === undefined && !isBindingWithoutName(target))) throw refused.pathNotFound();
  const of = type.group === '' && subresource === 'proxy' ? proxied.find((one) => one === type.resource) : undefined;
  // Every method goes through a proxy; what the client may do with it was authorized by its method.
  if (of !== undefined) return { kind: 'proxy', of, served, target };
  if (rest !== '' && rest !== '/') throw refused.pathNotFound();
  if (method === 'HEAD' || !known.verbs.some((one) => one === verb)) throw refused.methodNotAllowed();
  if (type.group === '' && type.resource === 'pods') {
    if (subresource === 'log') return { kind: 'log', served, target };
    const stream = podStreams.find((one) => one === subresource);
    if (stream !== undefined) return { kind: 'stream', stream, served, target };
  }
  return { kind, served, target };
}

function isBindingWithoutName({ resource, subresource }: ResourceTarget): boolean {
  return resource === 'pods' && subresource === 'binding';
}
