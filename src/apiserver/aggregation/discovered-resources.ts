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

/** No server has more in one version. */
const mostResources = 1000;

/**
 * What an APIResourceList of another server tells of its resources. Nobody has checked it: what is no resource is left out.
 * Throws when it is no such list.
 */
export function discoveredResources(list: unknown, group: string, version: string): readonly ResourceFacts[] {
  const { kind, resources } = recordOf(list);
  if (kind !== 'APIResourceList' || !Array.isArray(resources)) throw new Error('the answer is no APIResourceList');
  if (resources.length > mostResources) throw new Error(`the answer has more than ${mostResources} resources`);
  const entries = resources.map(recordOf).filter(({ name, kind: of }) => isName(name) && isText(of));
  const parts = Map.groupBy(entries, ({ name }) => (name as string).split('/', 1)[0]!);
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
        subresources: (parts.get(resource) ?? []).filter(({ name }) => name !== resource).map(subresourceOf),
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

/** As names of resources and subresources are. */
function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z0-9.-]{1,63}(\/[a-z0-9.-]{1,63})?$/.test(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 253;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
