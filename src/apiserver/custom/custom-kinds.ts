import { CustomResourceDefinitions, type CustomResourceDefinition } from '../../api/apiextensions/v1/types.ts';
import { semanticEqual } from '../../apimachinery/equality.ts';
import type { Logger } from '../../base/logger.ts';
import type { Revision } from '../../store/store.ts';
import type { Catalogs } from '../catalog/catalogs.ts';
import type { StoredKind } from '../catalog/served-version.ts';
import type { ServerContext } from '../context.ts';
import { isTrue } from '../resources/apiextensions/conditions.ts';
import { customKind } from './custom-kind.ts';

type Definition = Readonly<CustomResourceDefinition>;

interface Served {
  readonly definition: Definition;
  readonly kind: StoredKind;
}

/** Serves the kinds of all definitions that are established, and follows what becomes of these. */
export class CustomKinds {
  readonly #catalogs: Catalogs;
  readonly #log: Logger;
  readonly #served = new Map<string, Served>();

  constructor(catalogs: Catalogs, { log }: ServerContext) {
    this.#catalogs = catalogs;
    this.#log = log;
  }

  /** Begins with all definitions that there are, in one step. */
  start(context: ServerContext): void {
    const there = context.scan(CustomResourceDefinitions);
    const made = there.flatMap(
      (definition) => this.#make(definition, Number(definition.metadata.resourceVersion)) ?? [],
    );
    const fit = made.filter(({ kind }) => this.#isFree(kind));
    for (const one of fit) this.#served.set(one.definition.metadata.name, one);
    if (fit.length > 0) this.#catalogs.add({ kinds: fit.map(({ kind }) => kind) });
    context.follow(CustomResourceDefinitions, (now, before, revision) => this.#changed(now, before, revision));
  }

  #changed(now: Definition | undefined, before: Definition | undefined, revision: Revision): void {
    const { name } = (now ?? before)!.metadata;
    const served = this.#served.get(name);
    if (now !== undefined && served !== undefined && isSame(now, served.definition)) return;
    const next = now && this.#make(now, revision);
    if (next === undefined) {
      this.#served.delete(name);
      if (served !== undefined) this.#catalogs.remove([served.kind]);
      return;
    }
    if (served === undefined && !this.#isFree(next.kind)) return;
    this.#served.set(name, next);
    if (served === undefined) this.#catalogs.add({ kinds: [next.kind] });
    else this.#catalogs.replace([served.kind], [next.kind]);
  }

  #make(definition: Definition, revision: Revision): Served | undefined {
    if (!isTrue(definition, 'Established')) return undefined;
    // Nothing can be older than the first schema.
    const shapedSince = definition.metadata.generation === 1 ? 0 : revision;
    try {
      const kind = customKind(definition, { shapedSince });
      return { definition, kind };
    } catch (error) {
      this.#log.error('A custom kind cannot be served', { definition: definition.metadata.name, error });
      return undefined;
    }
  }

  /** Whether nothing else is kept or served where the kind would be: Kubernetes' own kinds come first. */
  #isFree({ prefix, versions }: StoredKind): boolean {
    const { current } = this.#catalogs;
    return (
      current.kinds.every((kind) => kind.prefix !== prefix) &&
      versions.every(({ type }) => current.find(type.group, type.version, type.resource) === undefined)
    );
  }
}

/** Whether two states of a definition bring the same kind. */
function isSame(now: Definition, before: Definition): boolean {
  return (
    now.metadata.uid === before.metadata.uid &&
    isTrue(now, 'Established') === isTrue(before, 'Established') &&
    semanticEqual(now.spec, before.spec) &&
    semanticEqual(now.status?.acceptedNames, before.status?.acceptedNames)
  );
}
