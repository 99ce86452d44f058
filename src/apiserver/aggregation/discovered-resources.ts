import type { ResourceFacts, SubresourceFacts, Verb } from '../../api/resource-facts.ts';

const verbs: ReadonlySet<string> = new Set<Verb>([
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
]);

/**
 * What an APIResourceList of another server tells of its resources. Nobody has checked it: what is no resource is left out.
 * Throws when it is no such list.
 */
export function discoveredResources(list: unknown, group: string, version: string): readonly ResourceFacts[] {
  const { kind, resources } = recordOf(list);
  if (kind !== 'APIResourceList' || !Array.isArray(resources)) throw new Error('the answer is no APIResourceList');
  const entries = resources.map(recordOf).filter(({ name, kind: of }) => isText(name) && isText(of));
  return entries.flatMap((entry): ResourceFacts[] => {
    const resource = entry['name'] as string;
    if (resource.includes('/')) return [];
    return [
      {
        type: {
          group,
          version,
          kind: entry['kind'] as string,
          resource,
          singular: isText(entry['singularName']) ? entry['singularName'] : '',
          namespaced: entry['namespaced'] === true,
          definition: '',
        },
        verbs: verbsOf(entry),
        shortNames: textsOf(entry['shortNames']),
        categories: textsOf(entry['categories']),
        subresources: entries.filter(({ name }) => (name as string).startsWith(`${resource}/`)).map(subresourceOf),
        columns: [],
        fieldSelectors: [],
      },
    ];
  });
}

function subresourceOf(entry: Readonly<Record<string, unknown>>): SubresourceFacts {
  const { name, kind, group, version } = entry;
  return {
    name: (name as string).slice((name as string).indexOf('/') + 1),
    kind: kind as string,
    verbs: verbsOf(entry),
    ...(isText(group) && isText(version) && { group, version }),
  };
}

function verbsOf(entry: Readonly<Record<string, unknown>>): Verb[] {
  return textsOf(entry['verbs']).filter((verb): verb is Verb => verbs.has(verb));
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(isText) : [];
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
