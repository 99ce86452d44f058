import type { ResourceFacts, Verb } from '../../api/resource-facts.ts';
import type { RemoteVersion } from '../aggregation/remote-discovery.ts';
import { servedGroups } from './groups.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

/** All of discovery in one document (apidiscovery.k8s.io/v2, KEP-3352). */
export interface GroupDiscoveryList {
  kind: 'APIGroupDiscoveryList';
  apiVersion: 'apidiscovery.k8s.io/v2';
  metadata: Record<string, never>;
  items: GroupDiscovery[];
}

interface GroupDiscovery {
  metadata: { name?: string };
  versions: VersionDiscovery[];
}

interface VersionDiscovery {
  version: string;
  resources: ResourceDiscovery[];
  /** Stale: the server that answers for it does not, and this is the last that was heard of it. */
  freshness: 'Current' | 'Stale';
}

interface ResourceDiscovery {
  resource: string;
  responseKind: Kind;
  scope: 'Namespaced' | 'Cluster';
  singularResource: string;
  verbs: readonly Verb[];
  shortNames?: readonly string[];
  categories?: readonly string[];
  subresources?: SubresourceDiscovery[];
}

interface SubresourceDiscovery {
  subresource: string;
  responseKind: Kind;
  verbs: readonly Verb[];
}

/** Group and version are empty where they are those of the list they stand in. */
interface Kind {
  group: string;
  version: string;
  kind: string;
}

/** The aggregated form of `/api`. */
export function aggregatedCore(served: readonly ResourceFacts[]): GroupDiscoveryList {
  return list([{ metadata: {}, versions: [versionOf(served, '', 'v1')] }]);
}

/** The aggregated form of `/apis`. */
export function aggregatedGroups(
  served: readonly ResourceFacts[],
  remote: readonly RemoteVersion[],
): GroupDiscoveryList {
  const versionIn = (group: string, version: string): VersionDiscovery => {
    const elsewhere = remote.find((one) => one.group === group && one.version === version);
    if (elsewhere === undefined) return versionOf(served, group, version);
    return versionOf(elsewhere.resources, group, version, elsewhere.isCurrent ? 'Current' : 'Stale');
  };
  const items = servedGroups(served, remote).map(({ name, versions }) => ({
    metadata: { name },
    versions: versions.map((version) => versionIn(name, version)),
  }));
  return list(items);
}

function list(items: GroupDiscovery[]): GroupDiscoveryList {
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
}

function versionOf(
  served: readonly ResourceFacts[],
  group: string,
  version: string,
  freshness: VersionDiscovery['freshness'] = 'Current',
): VersionDiscovery {
  const resources = served
    .filter(({ type }) => type.group === group && type.version === version)
    .toSorted((a, b) => (a.type.resource < b.type.resource ? -1 : 1))
    .map(resourceOf);
  return { version, resources, freshness };
}

function resourceOf({ type, verbs, shortNames, categories, subresources }: ResourceFacts): ResourceDiscovery {
  return {
    resource: type.resource,
    responseKind: { group: '', version: '', kind: type.kind },
    scope: type.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: type.singular,
    verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(subresources.length > 0
      ? {
          subresources: subresources.map(({ name, group = '', version = '', kind, verbs: own }) => ({
            subresource: name,
            responseKind: { group, version, kind },
            verbs: own,
          })),
        }
      : {}),
  };
}

/** The document as `application/vnd.kubernetes.protobuf`: the magic bytes and a `runtime.Unknown` around it. */
export function aggregatedProtobuf(document: GroupDiscoveryList): Uint8Array {
  const envelope = new ProtobufWriter();
  envelope.message(1, (type) => {
    type.string(1, document.apiVersion);
    type.string(2, document.kind);
  });
  envelope.message(2, (raw) => {
    raw.message(1, () => {});
    for (const group of document.items) raw.message(2, (writer) => writeGroup(writer, group));
  });
  envelope.string(3, '');
  envelope.string(4, '');
  return Buffer.concat([Buffer.from('k8s\0'), envelope.finish()]);
}

function writeGroup(writer: ProtobufWriter, { metadata, versions }: GroupDiscovery): void {
  writer.message(1, (nested) => nested.string(1, metadata.name ?? ''));
  for (const { version, resources, freshness } of versions) {
    writer.message(2, (nested) => {
      nested.string(1, version);
      for (const resource of resources) nested.message(2, (inner) => writeResource(inner, resource));
      nested.string(3, freshness);
    });
  }
}

function writeResource(writer: ProtobufWriter, resource: ResourceDiscovery): void {
  writer.string(1, resource.resource);
  writer.message(2, (nested) => writeKind(nested, resource.responseKind));
  writer.string(3, resource.scope);
  writer.string(4, resource.singularResource);
  for (const verb of resource.verbs) writer.string(5, verb);
  for (const name of resource.shortNames ?? []) writer.string(6, name);
  for (const category of resource.categories ?? []) writer.string(7, category);
  for (const { subresource, responseKind, verbs } of resource.subresources ?? []) {
    writer.message(8, (nested) => {
      nested.string(1, subresource);
      nested.message(2, (inner) => writeKind(inner, responseKind));
      for (const verb of verbs) nested.string(4, verb);
    });
  }
}

function writeKind(writer: ProtobufWriter, { group, version, kind }: Kind): void {
  writer.string(1, group);
  writer.string(2, version);
  writer.string(3, kind);
}
