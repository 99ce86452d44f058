import type { ResourceFacts } from '../../api/resource-facts.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import type { VirtualResource } from '../rest/virtual-resource.ts';
import type { ServedVersion, StoredKind } from './served-version.ts';

/** An empty catalog to start from. */
export function emptyCatalog(): Catalog {
  return new Catalog({ kinds: [], measured: [], virtual: [], discovered: [] }, 0);
}

/** What a request names, as far as the catalog cares. */
export interface Place {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource?: string | undefined;
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

/**
 * All that the server serves at one moment: an immutable snapshot, which each request takes once, so that a kind that
 * comes or goes meanwhile does not change what it works with.
 */
export class Catalog {
  /** Grows with every change; what is derived from a catalog is good for one generation. */
  readonly generation: number;
  readonly kinds: readonly StoredKind[];
  /** Of all stored and measured kinds. */
  readonly versions: readonly ServedVersion[];
  /** What discovery tells. */
  readonly discovered: readonly ResourceFacts[];
  readonly #content: CatalogContent;
  /**
   * By group, version, and resource with its subresource: to put them together for each look would cost more than the
   * looks.
   */
  readonly #resolved = new Map<string, Map<string, Map<string, Resolved>>>();
  /** Groups that have none of Kubernetes' own kinds. */
  readonly #customGroups: ReadonlySet<string>;
  /** The subresources of each resource, an empty one for itself. */
  #names: ReadonlyMap<string, readonly string[]> | undefined;

  constructor(content: CatalogContent, generation: number) {
    this.#content = content;
    this.generation = generation;
    this.kinds = content.kinds;
    this.versions = [...content.kinds.flatMap(({ versions }) => versions), ...content.measured];
    this.discovered = [...this.versions.map(({ facts }) => facts), ...content.discovered];
    for (const served of this.versions) {
      this.#take(served.type, { kind: served.stored === undefined ? 'measured' : 'stored', served });
    }
    const custom = content.kinds.flatMap(({ versions }) => versions).filter(({ isBuiltIn }) => !isBuiltIn);
    const isCustom = new Set(custom);
    const others = new Set(this.versions.filter((one) => !isCustom.has(one)).map(({ type }) => type.group));
    this.#customGroups = new Set(custom.map(({ type }) => type.group).filter((group) => !others.has(group)));
    for (const virtual of content.virtual) {
      const { type, parent } = virtual;
      const place = parent === undefined ? type : { ...parent.type, subresource: parent.subresource };
      this.#take(place, { kind: 'virtual', virtual });
    }
  }

  /** Who answers requests of a place; a subresource that no virtual kind takes is its resource's. */
  resolve(place: Place): Resolved {
    const { group, version, resource, subresource } = place;
    const ofVersion = this.#resolved.get(group)?.get(version);
    const virtual = subresource === undefined ? undefined : ofVersion?.get(`${resource}/${subresource}`);
    return virtual ?? ofVersion?.get(resource) ?? this.#absent(group);
  }

  #absent(group: string): Resolved {
    // What is missing in the group of custom kinds is nowhere, as if there were no such group.
    const isGroupKnown = this.#resolved.has(group) && !this.#customGroups.has(group);
    return { kind: 'absent', isGroupKnown };
  }

  /** Whether a resource and subresource are names that discovery tells; others are names that clients make up. */
  serves({ subresource = '', ...place }: Place): boolean {
    return (this.#names ??= namesOf(this.discovered)).get(placeText(place))?.includes(subresource) ?? false;
  }

  /** A stored or measured kind. */
  find(group: string, version: string, resource: string): ServedVersion | undefined {
    const found = this.#resolved.get(group)?.get(version)?.get(resource);
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
    return new Catalog(content, this.generation + 1);
  }

  /** The next catalog. */
  without(kinds: readonly StoredKind[]): Catalog {
    const gone = new Set(kinds);
    return new Catalog({ ...this.#content, kinds: this.kinds.filter((kind) => !gone.has(kind)) }, this.generation + 1);
  }

  /** The next catalog. Throws as {@link with}. */
  replacing(old: readonly StoredKind[], kinds: readonly StoredKind[]): Catalog {
    const gone = new Set(old);
    const kept = this.kinds.filter((kind) => !gone.has(kind));
    return new Catalog({ ...this.#content, kinds: [...kept, ...kinds] }, this.generation + 1);
  }

  #take(place: Place, resolved: Resolved): void {
    const { group, version, resource, subresource } = place;
    const ofGroup = this.#resolved.get(group) ?? new Map<string, Map<string, Resolved>>();
    const ofVersion = ofGroup.get(version) ?? new Map<string, Resolved>();
    const name = subresource === undefined ? resource : `${resource}/${subresource}`;
    if (ofVersion.has(name)) throw new Error(`Cannot serve "${placeText(place)}": something is served there already`);
    this.#resolved.set(group, ofGroup.set(version, ofVersion.set(name, resolved)));
  }
}

function placeText({ group, version, resource, subresource = '' }: Place): string {
  return `${group}/${version}/${resource}/${subresource}`;
}

function namesOf(facts: readonly ResourceFacts[]): ReadonlyMap<string, readonly string[]> {
  return new Map(
    facts.map(({ type, subresources }) => [placeText(type), ['', ...subresources.map(({ name }) => name)]]),
  );
}
