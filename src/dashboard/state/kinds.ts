import { groupResourceOf, type ResourceType } from '../../apimachinery/resource-type.ts';

/** A kind that the server has lists of, as discovery names it: built in, custom, or of another server. */
export interface ServedKind {
  /** `pods`, `deployments.apps`: what it is called in the page's addresses. */
  readonly id: string;
  readonly type: ResourceType;
  /** What cannot be watched is asked for again and again. */
  readonly isWatchable: boolean;
  readonly section: string;
}

/** The plural with the capitals of the kind: `NetworkPolicies`. */
export function titleOf({ kind, resource }: Pick<ResourceType, 'kind' | 'resource'>): string {
  const lower = kind.toLowerCase();
  let same = 0;
  while (same < resource.length && resource[same] === lower[same]) same++;
  return kind.slice(0, same) + resource.slice(same);
}

/** The form of discovery that has everything in two documents (apidiscovery.k8s.io/v2), as far as it is read here. */
export interface DiscoveryDocument {
  readonly items?: readonly {
    readonly metadata: { readonly name?: string };
    readonly versions?: readonly {
      readonly version: string;
      readonly resources?: readonly DiscoveredResource[];
    }[];
  }[];
}

interface DiscoveredResource {
  readonly resource: string;
  readonly responseKind?: { readonly kind: string };
  readonly singularResource?: string;
  readonly scope: 'Namespaced' | 'Cluster';
  readonly verbs: readonly string[];
}

/**
 * All kinds that can be listed, each in the first version that has it, by section and name. Events are there once: the
 * group events.k8s.io has the same objects.
 */
export function kindsIn(...documents: readonly DiscoveryDocument[]): ServedKind[] {
  const found = new Map<string, ServedKind>();
  for (const { metadata, versions = [] } of documents.flatMap(({ items = [] }) => items)) {
    const { name: group = '' } = metadata;
    for (const { version, resources = [] } of versions)
      for (const resource of resources) {
        const kind = kindFrom(group, version, resource);
        if (resource.verbs.includes('list') && !found.has(kind.id)) found.set(kind.id, kind);
      }
  }
  found.delete('events.events.k8s.io');
  return [...found.values()].sort(bySectionAndName);
}

function kindFrom(
  group: string,
  version: string,
  { resource, responseKind, singularResource = '', scope, verbs }: DiscoveredResource,
): ServedKind {
  const kind = responseKind?.kind ?? resource;
  const namespaced = scope === 'Namespaced';
  const type = { group, version, kind, resource, singular: singularResource, namespaced, definition: '' };
  return { id: groupResourceOf(type), type, isWatchable: verbs.includes('watch'), section: sectionOf(group, resource) };
}

const groupSections: Readonly<Record<string, string>> = {
  apps: 'Workloads',
  batch: 'Workloads',
  autoscaling: 'Workloads',
  policy: 'Workloads',
  'networking.k8s.io': 'Network',
  'discovery.k8s.io': 'Network',
  'storage.k8s.io': 'Storage',
  'rbac.authorization.k8s.io': 'Access',
  'certificates.k8s.io': 'Access',
};
const coreSections: Readonly<Record<string, string>> = {
  pods: 'Workloads',
  podtemplates: 'Workloads',
  replicationcontrollers: 'Workloads',
  services: 'Network',
  endpoints: 'Network',
  persistentvolumes: 'Storage',
  persistentvolumeclaims: 'Storage',
  configmaps: 'Configuration',
  secrets: 'Configuration',
  resourcequotas: 'Configuration',
  limitranges: 'Configuration',
  serviceaccounts: 'Access',
};

/** The groups of somebody else than Kubernetes have a section each. */
function sectionOf(group: string, resource: string): string {
  if (group === '') return coreSections[resource] ?? 'Cluster';
  return groupSections[group] ?? (/(^|\.)k8s\.io$/.test(group) ? 'Cluster' : group);
}

const order = ['Workloads', 'Network', 'Storage', 'Configuration', 'Access', 'Cluster'];

function bySectionAndName(a: ServedKind, b: ServedKind): number {
  const place = ({ section }: ServedKind): number => (order.includes(section) ? order.indexOf(section) : order.length);
  return place(a) - place(b) || compare(a.section, b.section) || compare(a.type.kind, b.type.kind);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
