import type { RuleWithOperations } from '../../api/admissionregistration/v1/types.ts';
import type { ResourceFacts } from '../../api/resource-facts.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';

/** How many kinds are looked at for one rule; behind a rule that names more, Kubernetes looks at no other. */
const mostKinds = 10;

/**
 * The kinds that rules name, by group, version and kind. Rules with a wildcard among groups or versions name none;
 * resources with one, and subresources, are passed over.
 */
export function kindsToCheck(
  rules: readonly Readonly<RuleWithOperations>[],
  served: readonly ResourceFacts[],
): readonly ResourceFacts[] {
  const kinds = new Map<string, ResourceFacts>();
  for (const rule of rules) {
    const named = kindsOf(rule, served).slice(0, mostKinds);
    for (const facts of named) kinds.set(kindText(facts.type), facts);
    if (named.length === mostKinds) break;
  }
  return [...kinds.values()].sort((a, b) => inOrder(placeOf(a.type, a.type.kind), placeOf(b.type, b.type.kind)));
}

/** As messages name it: `apps/v1, Kind=Deployment`, `/v1, Kind=Pod`. */
export function kindText({ group, version, kind }: ResourceType): string {
  return `${group}/${version}, Kind=${kind}`;
}

/** In the order of the names that the rule gives them, one by one; twice what it names twice. */
function kindsOf(
  { apiGroups = [], apiVersions = [], resources = [] }: Readonly<RuleWithOperations>,
  served: readonly ResourceFacts[],
): readonly ResourceFacts[] {
  if ([...apiGroups, ...apiVersions].some((name) => name.includes('*'))) return [];
  const groups = new Set(apiGroups);
  const versions = new Set(apiVersions);
  const names = new Set(resources.map((name) => name.toLowerCase()));
  const found = served.flatMap((facts) => {
    const { type } = facts;
    if (!versions.has(type.version)) return [];
    // As clients look names up: one without a group is looked for in all groups.
    const ofGroups = new Set(['', type.group].filter((group) => groups.has(group)));
    const ofNames = new Set([type.resource, type.singular].filter((name) => names.has(name)));
    return [...ofGroups].flatMap((group) =>
      [...ofNames].map((name) => ({ facts, place: placeOf({ ...type, group }, name) })),
    );
  });
  return found.sort((a, b) => inOrder(a.place, b.place)).map(({ facts }) => facts);
}

type Place = readonly [group: string, version: string, name: string];

function placeOf({ group, version }: ResourceType, name: string): Place {
  return [group, version, name];
}

function inOrder(a: Place, b: Place): number {
  const at = a.findIndex((part, i) => part !== b[i]);
  if (at === -1) return 0;
  return a[at]! < b[at]! ? -1 : 1;
}
