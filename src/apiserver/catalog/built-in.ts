import { apiVersionOf, groupResourceOf } from '../../apimachinery/resource-type.ts';
import type { ResourceFacts } from '../../api/resource-facts.ts';
import type { ResourceDefinition } from '../rest/resource.ts';
import { emptyCatalog, type Catalog } from './catalog.ts';
import { servedVersion, storageTypeOf, storedKind, type VersionDefinition } from './stored-kind.ts';

/** The catalog that a server starts with: Kubernetes' own kinds, of which `facts` are recorded. */
export function builtInCatalog(definitions: readonly ResourceDefinition[], facts: readonly ResourceFacts[]): Catalog {
  const factsOf = new Map(facts.map((one) => [nameOf(one), one]));
  const described = definitions.map((definition): VersionDefinition => {
    const known = factsOf.get(nameOf(definition));
    if (known === undefined) throw new Error(`Cannot serve "${nameOf(definition)}": no facts are recorded for it`);
    return { definition, facts: known };
  });
  // Versions of one kind are those that are stored in one place.
  const kinds = Map.groupBy(
    described.filter(({ definition }) => definition.measured === undefined),
    ({ definition }) => groupResourceOf(storageTypeOf(definition) ?? definition.type),
  );
  return emptyCatalog().with({
    kinds: [...kinds.values()].map(storedKind),
    measured: described.filter(({ definition }) => definition.measured !== undefined).map((one) => servedVersion(one)),
  });
}

function nameOf({ type }: Pick<ResourceFacts, 'type'>): string {
  return `${apiVersionOf(type)}/${type.resource}`;
}
