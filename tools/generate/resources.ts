import { constantNameOf, factsKeyOf, folderOf, type Facts, type RecordedResource } from './facts.ts';
import { generatedNotice } from './notice.ts';

/** The text of `src/api/resources.ts`. */
export function generateResources(facts: Facts): string {
  const folders = [...new Set(facts.resources.map(folderOf))].sort();
  const imports = folders.map((folder) => `import * as ${namespaceOf(folder)} from './${folder}/types.ts';\n`);
  const entries = facts.resources.map((resource) => `  ${entryOf(resource, facts)},\n`);
  const groups = facts.groups.map((group) => `  ${literal(group)},\n`);
  return `${generatedNotice}import type { ResourceType } from '../apimachinery/resource-type.ts';
import type { GroupFacts, ResourceFacts } from './resource-facts.ts';
${imports.join('')}
/** Every resource of Kubernetes 1.36 with what discovery, tables and selectors say about it, by group and name. */
export const servedResources: readonly ResourceFacts[] = [
${entries.join('')}];

/** The types of \`servedResources\`: the very constants of the types files. */
export const resourceTypes: readonly ResourceType[] = servedResources.map(({ type }) => type);

/** The groups other than core, in the order of \`/apis\`. */
export const groups: readonly GroupFacts[] = [
${groups.join('')}];
`;
}

function entryOf(resource: RecordedResource, facts: Facts): string {
  const key = factsKeyOf(resource);
  const columns = (facts.columns[key] ?? []).map((column) => {
    const [name, type, format, priority] = column.split('|');
    return { name, type, format, priority: Number(priority) };
  });
  const data = {
    verbs: resource.verbs.split(' '),
    shortNames: resource.shortNames ?? [],
    categories: resource.categories ?? [],
    subresources: (resource.subresources ?? []).map(({ name, kind, verbs }) => ({
      name,
      ...kindOf(kind),
      verbs: verbs.split(' '),
    })),
    columns,
    fieldSelectors: facts.fieldSelectors[key] ?? [],
  };
  return `{ type: ${namespaceOf(folderOf(resource))}.${constantNameOf(resource)}, ${literal(data).slice(2)}`;
}

/** `Pod` stays a kind of the resource's own group; `policy/v1/Eviction` names another. */
function kindOf(text: string): { group?: string; version?: string; kind: string } {
  const [kind, version, group] = text.split('/').reverse();
  return version === undefined ? { kind: kind! } : { group: group ?? '', version, kind: kind! };
}

function namespaceOf(folder: string): string {
  return folder.replace('/', '_');
}

function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (value !== null && typeof value === 'object') {
    return `{ ${Object.entries(value)
      .map(([name, part]) => `${name}: ${literal(part)}`)
      .join(', ')} }`;
  }
  return typeof value === 'string' ? `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'` : String(value);
}
