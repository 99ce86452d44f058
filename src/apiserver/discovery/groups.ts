import { groups } from '../../api/resources.ts';
import type { GroupFacts, ResourceFacts, SubresourceFacts } from '../../api/resource-facts.ts';
import type { APIGroup, APIGroupList, APIResource, APIResourceList, APIVersions } from '../../api/meta/v1/types.ts';
import type { RemoteVersion } from '../aggregation/remote-discovery.ts';
import { byVersionPriority } from './version-priority.ts';
import { storageVersionHash } from './storage-version.ts';

/** `/api`. `serverAddress` is `host:port`. */
export function coreVersions(serverAddress: string): APIVersions {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  };
}

/**
 * The groups other than core that have a served resource, in the order of `/apis`, each with the versions that have
 * one, and those of other servers.
 */
export function servedGroups(served: readonly ResourceFacts[], remote: readonly RemoteVersion[] = []): GroupFacts[] {
  const versions = new Map<string, string[]>();
  for (const { group, version } of [...served.map(({ type }) => type), ...remote]) {
    if (group === '') continue;
    const known = versions.get(group) ?? [];
    if (!known.includes(version)) known.push(version);
    versions.set(group, known);
  }
  const ordered: GroupFacts[] = [];
  for (const group of groups) {
    const present = group.versions.filter((version) => versions.get(group.name)?.includes(version));
    const preferred = present.includes(group.preferred) ? group.preferred : present[0];
    if (preferred !== undefined) ordered.push({ name: group.name, versions: present, preferred });
    versions.delete(group.name);
  }
  // Groups that are not Kubernetes' own come last, by priority and name, and their newest stable version first.
  const rank = (group: string): number =>
    Math.max(...remote.flatMap((one) => (one.group === group ? one.groupPriorityMinimum : [])), customGroupPriority);
  const others = [...versions].sort(([a], [b]) => rank(b) - rank(a) || (a < b ? -1 : 1));
  for (const [name, present] of others) {
    const sorted = present.toSorted(
      (a, b) => versionRank(remote, name, b) - versionRank(remote, name, a) || byVersionPriority(a, b),
    );
    ordered.push({ name, versions: sorted, preferred: sorted[0]! });
  }
  return ordered;
}

/** Of groups and versions that custom kinds are of. */
const customGroupPriority = 1000;
const customVersionPriority = 100;

function versionRank(remote: readonly RemoteVersion[], group: string, version: string): number {
  return remote.find((one) => one.group === group && one.version === version)?.versionPriority ?? customVersionPriority;
}

/** `/apis`. */
export function groupList(served: readonly ResourceFacts[], remote: readonly RemoteVersion[]): APIGroupList {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: servedGroups(served, remote).map(groupEntry) };
}

/** `/apis/<group>`. */
export function groupDocument(group: GroupFacts): APIGroup {
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(group) };
}

function groupEntry({ name, versions, preferred }: GroupFacts): APIGroup {
  const named = (version: string) => ({ groupVersion: `${name}/${version}`, version });
  return { name, versions: versions.map(named), preferredVersion: named(preferred) };
}

/** `/api/v1` or `/apis/<group>/<version>`, or `undefined` when nothing there is served. */
export function resourceList(
  served: readonly ResourceFacts[],
  group: string,
  version: string,
): APIResourceList | undefined {
  const own = served.filter(({ type }) => type.group === group && type.version === version);
  if (own.length === 0) return undefined;
  const resources = own
    .toSorted((a, b) => (a.type.resource < b.type.resource ? -1 : 1))
    .flatMap((facts) => [resourceEntry(facts), ...facts.subresources.map((one) => subresourceEntry(facts, one))]);
  // The core list says no apiVersion; Kubernetes' never did, and clients compare.
  const apiVersion = group === '' ? {} : { apiVersion: 'v1' };
  return {
    kind: 'APIResourceList',
    ...apiVersion,
    groupVersion: group === '' ? version : `${group}/${version}`,
    resources,
  };
}

function resourceEntry(facts: ResourceFacts): APIResource {
  const { type, verbs, shortNames, categories } = facts;
  const entry: APIResource = {
    name: type.resource,
    singularName: type.singular,
    namespaced: type.namespaced,
    kind: type.kind,
    verbs: [...verbs],
  };
  if (shortNames.length > 0) entry.shortNames = [...shortNames];
  if (categories.length > 0) entry.categories = [...categories];
  if (isStored(verbs)) entry.storageVersionHash = storageVersionHash(facts);
  return entry;
}

/** Kinds that can be listed and created have objects in the store; reviews and bindings have none. */
function isStored(verbs: ResourceFacts['verbs']): boolean {
  return verbs.includes('list') && verbs.includes('create');
}

function subresourceEntry({ type }: ResourceFacts, subresource: SubresourceFacts): APIResource {
  const { group, version, kind, verbs } = subresource;
  const elsewhere = group !== undefined && version !== undefined ? { group, version } : {};
  return {
    name: `${type.resource}/${subresource.name}`,
    singularName: '',
    namespaced: type.namespaced,
    ...elsewhere,
    kind,
    verbs: [...verbs],
  };
}
