import type { KubeObject } from '../../apimachinery/object.ts';
import { apiVersionOf, groupResourceOf, type ResourceType } from '../../apimachinery/resource-type.ts';
import type { ResourceFacts } from '../../api/resource-facts.ts';
import type { KindForm } from '../cache/cached-object.ts';
import { root } from '../cache/watch-cache.ts';
import type { ResourceDefinition } from './resource.ts';

/** One served resource: its definition, its recorded facts, and where it is stored. */
export interface Served<T extends KubeObject = any> {
  readonly type: ResourceType<T>;
  readonly definition: ResourceDefinition<T>;
  readonly facts: ResourceFacts;
  readonly apiVersion: string;
  readonly form: KindForm;
  /** `/registry/pods/`. */
  readonly prefix: string;
}

/** The resources that this server serves, by all the names that requests use. */
export class Registry {
  readonly all: readonly Served[];
  readonly #byPath = new Map<string, Served>();
  readonly #byKind = new Map<string, Served>();
  readonly #groupVersions = new Set<string>();

  constructor(definitions: readonly ResourceDefinition[], facts: readonly ResourceFacts[]) {
    const factsOf = new Map(facts.map((one) => [pathOf(one.type), one]));
    this.all = definitions.map((definition) => {
      const known = factsOf.get(pathOf(definition.type));
      if (known === undefined)
        throw new Error(`Cannot serve "${pathOf(definition.type)}": no facts are recorded for it`);
      return serve(definition, known);
    });
    for (const served of this.all) {
      this.#byPath.set(pathOf(served.type), served);
      this.#byKind.set(`${served.apiVersion} ${served.type.kind}`, served);
      this.#groupVersions.add(`${served.type.group}/${served.type.version}`);
    }
  }

  find(group: string, version: string, resource: string): Served | undefined {
    return this.#byPath.get(`${group}/${version}/${resource}`);
  }

  hasGroup(group: string): boolean {
    return this.all.some(({ type }) => type.group === group);
  }

  hasGroupVersion(group: string, version: string): boolean {
    return this.#groupVersions.has(`${group}/${version}`);
  }

  of<T extends KubeObject>(type: ResourceType<T>): Served<T> {
    const served = this.#byPath.get(pathOf(type));
    if (served === undefined) throw new Error(`Cannot find "${pathOf(type)}": the kind is not registered`);
    return served;
  }

  byKind(apiVersion: string, kind: string): Served | undefined {
    return this.#byKind.get(`${apiVersion} ${kind}`);
  }

  /** The kinds that are kept in the store. */
  get stored(): readonly Served[] {
    return this.all.filter(({ definition }) => definition.measured === undefined);
  }

  /** Where kinds are stored, each once. */
  prefixes(): string[] {
    return [...new Set(this.stored.map(({ prefix }) => prefix))];
  }
}

export function storageKey({ prefix }: Served, namespace: string | undefined, name: string): string {
  return namespace === undefined ? prefix + name : `${prefix}${namespace}/${name}`;
}

/** Whether the kind has a status subresource, so that its main endpoint leaves status alone. */
export function hasStatus({ facts }: Served): boolean {
  return facts.subresources.some(({ name }) => name === 'status');
}

function serve(definition: ResourceDefinition, facts: ResourceFacts): Served {
  const { type, storage } = definition;
  const apiVersion = apiVersionOf(type);
  const form: KindForm = {
    kind: type.kind,
    apiVersion,
    ...(storage === undefined ? {} : { convert: storage.fromStored }),
  };
  return { type, definition, facts, apiVersion, form, prefix: `${root}${groupResourceOf(storage?.type ?? type)}/` };
}

function pathOf({ group, version, resource }: ResourceType): string {
  return `${group}/${version}/${resource}`;
}
