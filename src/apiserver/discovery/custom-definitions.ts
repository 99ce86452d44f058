/** Where clients look for the definitions of custom kinds. */
interface Place {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly verb: string;
}

const listed: Place = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  resource: 'customresourcedefinitions',
  verb: 'list',
};

/**
 * Whether a client asks which custom kinds there are. kubectl does before it tells that it does not know a kind; were the
 * path missing, a misspelt kind would get a complaint about definitions instead.
 */
export function asksForCustomDefinitions(place: Place): boolean {
  return (Object.keys(listed) as (keyof Place)[]).every((part) => listed[part] === place[part]);
}

/** There are none: custom kinds are not served, and discovery does not offer them. */
export function noCustomDefinitions(revision: number): object {
  const apiVersion = `${listed.group}/${listed.version}`;
  return {
    kind: 'CustomResourceDefinitionList',
    apiVersion,
    metadata: { resourceVersion: String(revision) },
    items: [],
  };
}
