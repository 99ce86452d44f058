import type { CustomResourceDefinition } from '../../api/apiextensions/v1/types.ts';
import { cloneJson } from '../../apimachinery/clone.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { refused } from '../../apimachinery/status.ts';
import type { Revision } from '../../store/store.ts';
import { AsyncConversion } from '../cache/async-conversion.ts';
import type { CachedObject, KindForm } from '../cache/cached-object.ts';
import type { Converted } from '../catalog/served-version.ts';
import { fillDefaults } from '../schema/fill.ts';
import type { JsonSchema } from '../schema/json-schema.ts';
import { shapeObject, type KindShape } from '../schema/shape.ts';
import type { ConversionWebhook } from './conversion-webhook.ts';

export interface CustomVersionsParts {
  readonly definition: Readonly<CustomResourceDefinition>;
  /** The version in which objects are written to the store. */
  readonly hub: string;
  readonly shape: KindShape;
  /** Who converts; without one an object is the same in all versions, but for what one of them does not know. */
  readonly webhook: ConversionWebhook | undefined;
}

/** The versions of a custom kind, and objects on their way from one to another. */
export class CustomVersions {
  readonly #parts: CustomVersionsParts;
  /** The apiVersion of stored objects that do not say theirs: they are of the time when there was but one. */
  readonly #first: string;
  readonly #names: ReadonlySet<string>;

  constructor(parts: CustomVersionsParts) {
    this.#parts = parts;
    const { spec, status } = parts.definition;
    this.#first = this.#apiVersionOf(status?.storedVersions?.[0] ?? parts.hub);
    this.#names = new Set(spec.versions.map(({ name }) => this.#apiVersionOf(name)));
  }

  get areSeveral(): boolean {
    return this.#names.size > 1;
  }

  /** As `StoredKind.convert`. */
  convert(objects: readonly KubeObject[], apiVersion: string): Converted {
    const { webhook } = this.#parts;
    const isOther = (object: KubeObject): boolean => object.apiVersion !== apiVersion;
    const others = objects.filter(isOther);
    if (others.length === 0) return objects;
    for (const one of others) this.#checkVersion(one);
    if (webhook === undefined)
      return objects.map((one) => (isOther(one) ? this.#shaped(cloneJson(one) as KubeObject, apiVersion) : one));
    return webhook.convert(others, apiVersion).then((converted) => {
      const next = converted.values();
      return objects.map((one) => (isOther(one) ? this.#shaped(next.next().value!, apiVersion) : one));
    });
  }

  /** As `StoredKind.toStorage`. What is stored has the defaults of its version, so that it can be read as it is. */
  toStorage(object: KubeObject): KubeObject | Promise<KubeObject> {
    const { hub } = this.#parts;
    const wanted = this.#apiVersionOf(hub);
    if ((object.apiVersion ?? wanted) === wanted) return object;
    const { resourceVersion: _resourceVersion, ...metadata } = object.metadata;
    const filledHub = ([made]: readonly KubeObject[]) => this.#filled(made!, hub);
    const converted = this.convert([{ ...object, metadata }], wanted);
    return converted instanceof Promise ? converted.then(filledHub) : filledHub(converted);
  }

  /** How the cache makes objects of a version. `shapedSince`: as in `CustomKindOptions`. */
  formOf(version: string, shapedSince: Revision): Pick<KindForm, 'convert' | 'isShaped' | 'conversion'> {
    const own = this.#apiVersionOf(version);
    const isOther = ({ label = this.#first }: CachedObject): boolean => label !== own;
    const form = {
      isShaped: (written: Revision, label = this.#first) => written > shapedSince && label === own,
      convert: (stored: KubeObject) => this.#read(stored, version),
    };
    if (this.#parts.webhook === undefined || !this.#mayBeOther(version)) return form;
    const convert = async (stored: readonly KubeObject[]) =>
      this.convert(
        stored.map((one) => this.#sent(one)),
        own,
      );
    return { ...form, conversion: new AsyncConversion(convert, isOther) };
  }

  /** Whether objects may be stored in another version. */
  #mayBeOther(version: string): boolean {
    const { definition, hub } = this.#parts;
    return this.areSeveral && [hub, ...(definition.status?.storedVersions ?? [])].some((one) => one !== version);
  }

  /** A stored object in a version, where nobody has to be asked. */
  #read(stored: KubeObject, version: string): KubeObject {
    const own = this.#apiVersionOf(version);
    const from = stored.apiVersion ?? this.#first;
    if (from === own) return this.#filled(this.#shaped(cloneJson(stored) as KubeObject, own), version);
    return this.#shaped(this.#sent(stored), own);
  }

  /** A stored object as it is before it is converted: with the defaults of its version. */
  #sent(stored: KubeObject): KubeObject {
    const apiVersion = stored.apiVersion ?? this.#first;
    const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
    const { kind } = this.#parts.shape;
    return { ...this.#filled(stored, version), kind, apiVersion };
  }

  /** A copy with its defaults, or without any where they are too many: what is stored must remain readable. */
  #filled(object: KubeObject, version: string): KubeObject {
    const schema: JsonSchema | undefined = this.#parts.shape.schemaOf(version);
    const copy = cloneJson(object) as KubeObject;
    return fillDefaults(copy, schema) ? copy : (cloneJson(object) as KubeObject);
  }

  /** An object of one's own as one of a version: without what that does not know. */
  #shaped(object: KubeObject, apiVersion: string): KubeObject {
    const { shape } = this.#parts;
    return shapeObject({ ...object, kind: shape.kind, apiVersion }, shape).value as unknown as KubeObject;
  }

  #checkVersion({ apiVersion = '' }: KubeObject): void {
    if (!this.#names.has(apiVersion))
      throw refused.other(500, undefined, `request to convert CR from an invalid group/version: ${apiVersion}`);
  }

  #apiVersionOf(version: string): string {
    return `${this.#parts.shape.group}/${version}`;
  }
}
