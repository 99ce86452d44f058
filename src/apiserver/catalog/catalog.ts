import type { ResourceFacts } from '../../api/resource-facts.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import type { VirtualResource } from '../rest/virtual-resource.ts';
import { Places, placeText, type Place } from './places.ts';
import type { ServedVersion, StoredKind } from './served-version.ts';

/** An empty catalog to start from. */
export function emptyCatalog(): Catalog {
  const content = { kinds: [], measured: [], virtual: [], discovered: [] };
  return new Catalog(content, { generation: 0, places: new Places(), kept: new Map() });
}

/** Who answers a request. */
export type Resolved =
  | { readonly kind: 'stored'; readonly served: ServedVersion }
  /** Got and listed, and made for each request. */
  | { readonly kind: 'measured'; readonly served: ServedVersion }
  /** Created, answered and forgotten. */
  | { readonly kind: 'virtual'; readonly virtual: VirtualResource }
  | { readonly kind: 'absent'; readonly isGroupKnown: boolean };

export interface CatalogContent {
  readonly kinds: readonly StoredKind[];
  readonly measured: readonly ServedVersion[];
  readonly virtual: readonly VirtualResource[];
  /** What discovery tells besides the stored and measured kinds. */
  readonly discovered: readonly ResourceFacts[];
}

interface CatalogParts {
  readonly generation: number;
  readonly places: Places<Resolved>;
  /** By their prefix. */
  readonly kept: ReadonlyMap<string, StoredKind>;
}

/**
 * All that the server serves at one moment: an immutable snapshot, which each request takes once, so that a kind that
 * comes or goes meanwhile does not change what it works with.
 */
export class Catalog {
  /** Grows with every change; what is derived from a catalog is good for one generation. */
  readonly generation: number;
  readonly #content: CatalogContent;
  readonly #places: Places<Resolved>;
  readonly #kept: ReadonlyMap<string, StoredKind>;
  #versions: readonly ServedVersion[] | undefined;
  #discovered: readonly ResourceFacts[] | undefined;
  /** The subresources of each resource, an empty one for itself. */
  #names: ReadonlyMap<string, readonly string[]> | undefined;

  constructor(content: CatalogContent, { generation, places, kept }: CatalogParts) {
    this.#content = content;
    this.generation = generation;
    this.#places = places;
    this.#kept = kept;
  }

  get kinds(): readonly StoredKind[] {
    return this.#content.kinds;
  }

  /** Of all stored and measured kinds. */
  get versions(): readonly ServedVersion[] {
    const { kinds, measured } = this.#content;
    return (this.#versions ??= [...kinds.flatMap(({ versions }) => versions), ...measured]);
  }

  /** What discovery tells. */
  get discovered(): readonly ResourceFacts[] {
    return (this.#discovered ??= [...this.versions.map(({ facts }) => facts), ...this.#content.discovered]);
  }

  /** Who answers requests of a place; a subresource that no virtual kind takes is its resource's. */
  resolve({ group, version, resource, subresource }: Place): Resolved {
    const places = this.#places;
    const virtual = subresource === undefined ? undefined : places.get({ group, version, resource, subresource });
    return virtual ?? places.get({ group, version, resource }) ?? this.#absent(group);
  }

  #absent(group: string): Resolved {
    let [isThere, isCustom] = [false, false];
    for (const one of this.#places.ofGroup(group)) {
      isThere = true;
      if (one.kind === 'measured' || (one.kind === 'stored' && one.served.isBuiltIn))
        return { kind: 'absent', isGroupKnown: true };
      if (one.kind === 'stored') isCustom = true;
    }
    // What is missing in the group of custom kinds is nowhere, as if there were no such group.
    return { kind: 'absent', isGroupKnown: isThere && !isCustom };
  }

  /** The kind whose objects are kept under a prefix. */
  keptAt(prefix: string): StoredKind | undefined {
    return this.#kept.get(prefix);
  }

  /** Whether a resource and subresource are names that discovery tells; others are names that clients make up. */
  serves({ subresource = '', ...place }: Place): boolean {
    return (this.#names ??= namesOf(this.discovered)).get(placeText(place))?.includes(subresource) ?? false;
  }

  /** A stored or measured kind. */
  find(group: string, version: string, resource: string): ServedVersion | undefined {
    const found = this.#places.get({ group, version, resource });
    return found !== undefined && 'served' in found ? found.served : undefined;
  }

  /** The same for a kind that is known to be served. */
  of<T extends KubeObject>(type: ResourceType<T>): ServedVersion<T> {
    const served = this.find(type.group, type.version, type.resource);
    if (served === undefined) throw new Error(`Cannot find "${placeText(type)}": the kind is not served`);
    return served;
  }

  /** The next catalog. Throws when there is something under one of the names already. */
  with({ kinds = [], measured = [], virtual = [], discovered = [] }: Partial<CatalogContent>): Catalog {
    const now = this.#content;
    const content = {
      kinds: [...now.kinds, ...kinds],
      measured: [...now.measured, ...measured],
      virtual: [...now.virtual, ...virtual],
      discovered: [...now.discovered, ...discovered],
    };
    const places = this.#places.with([
      ...storedPlaces(kinds),
      ...measured.map((served): Taken => [served.type, { kind: 'measured', served }]),
      ...virtual.map((one): Taken => [placeOf(one), { kind: 'virtual', virtual: one }]),
    ]);
    return this.#next(content, places, [], kinds);
  }

  /** The next catalog. */
  without(kinds: readonly StoredKind[]): Catalog {
    return this.replacing(kinds, []);
  }

  /** The next catalog. Throws as {@link with}. */
  replacing(old: readonly StoredKind[], kinds: readonly StoredKind[]): Catalog {
    const gone = new Set(old);
    const kept = this.kinds.filter((kind) => !gone.has(kind));
    const leaving = this.kinds.filter((kind) => gone.has(kind));
    const places = this.#places.without(storedPlaces(leaving).map(([place]) => place)).with(storedPlaces(kinds));
    return this.#next({ ...this.#content, kinds: [...kept, ...kinds] }, places, leaving, kinds);
  }

  #next(
    content: CatalogContent,
    places: Places<Resolved>,
    leaving: readonly StoredKind[],
    coming: readonly StoredKind[],
  ): Catalog {
    const kept = new Map(this.#kept);
    for (const { prefix } of leaving) kept.delete(prefix);
    for (const kind of coming) kept.set(kind.prefix, kind);
    return new Catalog(content, { generation: this.generation + 1, places, kept });
  }
}

type Taken = readonly [Place, Resolved];

function storedPlaces(kinds: readonly StoredKind[]): Taken[] {
  return kinds.flatMap(({ versions }) => versions.map((served): Taken => [served.type, { kind: 'stored', served }]));
}

function placeOf({ type, parent }: VirtualResource): Place {
  return parent === undefined ? type : { ...parent.type, subresource: parent.subresource };
}

function namesOf(facts: readonly ResourceFacts[]): ReadonlyMap<string, readonly string[]> {
  return new Map(
    facts.map(({ type, subresources }) => [placeText(type), ['', ...subresources.map(({ name }) => name)]]),
  );
}
