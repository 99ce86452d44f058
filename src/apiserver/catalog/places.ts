/** What a request names, as far as the catalog cares. */
export interface Place {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource?: string | undefined;
}

type Named<T> = ReadonlyMap<string, T>;

const none: Named<never> = new Map<string, never>();

/**
 * What is at each place. Immutable: the next one shares all groups and versions in which nothing changes, so that a kind
 * that comes costs little however many there are.
 */
export class Places<T> {
  /**
   * By group, version, and resource with its subresource: to put them together for each look would cost more than the
   * looks.
   */
  readonly #groups: Named<Named<Named<T>>>;

  constructor(groups: Named<Named<Named<T>>> = none) {
    this.#groups = groups;
  }

  /** At the very place. */
  get({ group, version, resource, subresource }: Place): T | undefined {
    return this.#groups.get(group)?.get(version)?.get(nameIn(resource, subresource));
  }

  *ofGroup(group: string): Iterable<T> {
    for (const version of this.#groups.get(group)?.values() ?? []) yield* version.values();
  }

  /** Throws when there is something at one of the places already. */
  with(more: Iterable<readonly [Place, T]>): Places<T> {
    const next = new Draft(this.#groups);
    for (const [place, one] of more) {
      const version = next.version(place);
      const name = nameIn(place.resource, place.subresource);
      if (version.has(name)) throw new Error(`Cannot serve "${placeText(place)}": something is served there already`);
      version.set(name, one);
    }
    return new Places(next.groups());
  }

  without(places: Iterable<Place>): Places<T> {
    const next = new Draft(this.#groups);
    for (const place of places) next.version(place).delete(nameIn(place.resource, place.subresource));
    return new Places(next.groups());
  }
}

/** Copies each map before its first change. */
class Draft<T> {
  readonly #groups: Map<string, Named<Named<T>>>;
  readonly #copied = new Map<string, Map<string, Map<string, T>>>();

  constructor(groups: Named<Named<Named<T>>>) {
    this.#groups = new Map(groups);
  }

  version({ group, version }: Place): Map<string, T> {
    const copied = this.#copied.get(group) ?? new Map<string, Map<string, T>>();
    this.#copied.set(group, copied);
    const known = copied.get(version) ?? new Map(this.#groups.get(group)?.get(version));
    copied.set(version, known);
    return known;
  }

  groups(): Named<Named<Named<T>>> {
    for (const [group, copied] of this.#copied) {
      const versions = new Map([...(this.#groups.get(group) ?? none), ...copied]);
      for (const [name, version] of copied) if (version.size === 0) versions.delete(name);
      if (versions.size === 0) this.#groups.delete(group);
      else this.#groups.set(group, versions);
    }
    return this.#groups;
  }
}

function nameIn(resource: string, subresource: string | undefined): string {
  return subresource === undefined ? resource : `${resource}/${subresource}`;
}

export function placeText({ group, version, resource, subresource = '' }: Place): string {
  return `${group}/${version}/${resource}/${subresource}`;
}
