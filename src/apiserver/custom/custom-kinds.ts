import { CustomResourceDefinitions, type CustomResourceDefinition } from '../../api/apiextensions/v1/types.ts';
import { semanticEqual } from '../../apimachinery/equality.ts';
import type { Revision } from '../../store/store.ts';
import type { Catalogs } from '../catalog/catalogs.ts';
import type { StoredKind } from '../catalog/served-version.ts';
import type { ServerContext } from '../context.ts';
import { groupResourceOf } from '../../apimachinery/resource-type.ts';
import { root } from '../cache/watch-cache.ts';
import type { Place } from '../catalog/places.ts';
import { isTrue } from '../resources/apiextensions/conditions.ts';
import type { WebhookMetrics } from '../http/webhook-metrics.ts';
import { ConversionWebhook } from './conversion-webhook.ts';
import { customKind } from './custom-kind.ts';

type Definition = Readonly<CustomResourceDefinition>;

interface Served {
  readonly definition: Definition;
  readonly kind: StoredKind;
  readonly webhook: ConversionWebhook | undefined;
}

/** Serves the kinds of all definitions that are established, and follows what becomes of these. */
export class CustomKinds implements Disposable {
  readonly #catalogs: Catalogs;
  readonly #context: ServerContext;
  readonly #metrics: WebhookMetrics;
  readonly #served = new Map<string, Served>();

  constructor(catalogs: Catalogs, context: ServerContext, metrics: WebhookMetrics) {
    this.#catalogs = catalogs;
    this.#context = context;
    this.#metrics = metrics;
  }

  /** Begins with all definitions that there are, in one step. */
  start(): void {
    const context = this.#context;
    const there = context.scan(CustomResourceDefinitions);
    const made = there.flatMap(
      (definition) => this.#make(definition, Number(definition.metadata.resourceVersion)) ?? [],
    );
    for (const one of made) if (this.#isFree(one.kind)) this.#served.set(one.definition.metadata.name, one);
    const kinds = Array.from(this.#served.values(), ({ kind }) => kind);
    if (kinds.length > 0) this.#catalogs.add({ kinds });
    context.follow(CustomResourceDefinitions, (now, before, revision) => this.#changed(now, before, revision));
  }

  #changed(now: Definition | undefined, before: Definition | undefined, revision: Revision): void {
    const { name } = (now ?? before)!.metadata;
    const served = this.#served.get(name);
    if (now !== undefined && served !== undefined && isSame(now, served.definition)) return;
    const next = now && this.#make(now, revision, served?.webhook);
    if (served?.webhook !== next?.webhook) served?.webhook?.[Symbol.dispose]();
    if (next === undefined) {
      this.#served.delete(name);
      if (served !== undefined) this.#catalogs.remove([served.kind]);
      return;
    }
    if (!this.#isFree(next.kind, served?.kind)) return;
    if (served === undefined) this.#catalogs.add({ kinds: [next.kind] });
    else this.#catalogs.replace([served.kind], [next.kind]);
    this.#served.set(name, next);
  }

  /** Whether the objects of the definition's kind are its own: nothing else is kept or served in its place. */
  serves({ metadata: { name, uid } }: Definition): boolean {
    return this.#served.get(name)?.definition.metadata.uid === uid;
  }

  /** Whether something else is kept or served in the place of the definition's kind. */
  isTaken({ metadata: { name }, spec: { group, names, versions } }: Definition): boolean {
    const own = this.#served.get(name)?.kind;
    return this.#isOthers(
      own,
      versions.map((version) => ({ group, version: version.name, resource: names.plural })),
    );
  }

  #make(definition: Definition, revision: Revision, before?: ConversionWebhook): Served | undefined {
    if (!isTrue(definition, 'Established')) return undefined;
    // Nothing can be older than the first schema.
    const shapedSince = definition.metadata.generation === 1 ? 0 : revision;
    try {
      const webhook = this.#webhookOf(definition, before);
      return { definition, kind: customKind(definition, { shapedSince, webhook }), webhook };
    } catch (error) {
      this.#context.log.error('A custom kind cannot be served', { definition: definition.metadata.name, error });
      return undefined;
    }
  }

  /** One that is as it was goes on with its connections. */
  #webhookOf(definition: Definition, before: ConversionWebhook | undefined): ConversionWebhook | undefined {
    const { conversion, versions } = definition.spec;
    if (conversion?.strategy !== 'Webhook' || versions.length === 1) return undefined;
    if (before?.isOf(definition) === true) return before;
    return new ConversionWebhook(definition, this.#context, this.#metrics);
  }

  [Symbol.dispose](): void {
    for (const { webhook } of this.#served.values()) webhook?.[Symbol.dispose]();
  }

  /** Whether nothing but `own` is kept or served where the kind would be: Kubernetes' own kinds come first. */
  #isFree({ versions }: StoredKind, own?: StoredKind): boolean {
    return !this.#isOthers(
      own,
      versions.map(({ type }) => type),
    );
  }

  #isOthers(own: StoredKind | undefined, places: readonly Place[]): boolean {
    const { current } = this.#catalogs;
    return places.some((place) => {
      const prefix = `${root}${groupResourceOf(place)}/`;
      const kept = current.keptAt(prefix);
      if (kept !== undefined && kept !== own) return true;
      const found = current.resolve(place);
      return found.kind !== 'absent' && !('served' in found && found.served.stored === own && own !== undefined);
    });
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
