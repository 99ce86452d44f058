import { labelOf } from '../../apimachinery/canonical-json.ts';
import { parseJson } from '../../apimachinery/decode/parse-json.ts';
import { deepFreeze } from '../../apimachinery/freeze.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import type { Revision } from '../../store/store.ts';
import type { AsyncConversion } from './async-conversion.ts';

/** What the cache must know of a kind to turn stored bytes into an object of one version. */
export interface KindForm {
  readonly kind: string;
  readonly apiVersion: string;
  /** The kind of its lists (default: its own with `List`). */
  readonly listKind?: string;
  /** What its protobuf messages look like; absent for kinds that have none. */
  readonly definition?: string;
  /**
   * Adapts the decoded storage form to this served version, where the two differ. The form may say its apiVersion, where
   * not all objects are stored in the same.
   */
  convert?(stored: KubeObject): KubeObject;
  /**
   * Whether what was written at a revision, with this label, has this form as it is stored; default: where nothing
   * converts.
   */
  isShaped?(written: Revision, label: string | undefined): boolean;
  /** The same as `convert`, for objects that somebody else adapts, who answers later. */
  readonly conversion?: AsyncConversion;
  /** What field selectors may ask for besides name and namespace. */
  readonly fields?: Readonly<Record<string, (object: any) => string>>;
}

/** What selectors look at, in one version. */
export interface Attributes {
  readonly labels: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * Objects that a writer has just built, by the bytes that it gave to the store: so that the commit's event need not
 * parse what the process already has.
 */
const justWritten = new WeakMap<Uint8Array, KubeObject>();

/** Remembers the object behind `value` until the change has been seen. The object must not be changed afterwards. */
export function handOver(value: Uint8Array, object: KubeObject): void {
  justWritten.set(value, object);
}

const noLabels: Attributes['labels'] = Object.freeze({});
const noFields: Attributes['fields'] = Object.freeze({});

/**
 * One revision of one object: its stored bytes, of which there is one copy, and what has been made of them. Decoded
 * forms are made on demand, frozen, and shared by all who hold them, for as long as somebody does; what selectors look at
 * is kept once somebody has asked.
 */
export class CachedObject {
  readonly key: string;
  readonly stored: Uint8Array;
  readonly created: Revision;
  readonly revision: Revision;
  readonly #prefixLength: number;
  readonly #written: Revision;
  /** By version; most kinds have but one, so that the first needs no map. */
  #version: string | undefined;
  #decoded: WeakRef<KubeObject> | undefined;
  #attributes: Attributes | undefined;
  #others: Map<string, { decoded?: WeakRef<KubeObject>; attributes?: Attributes }> | undefined;

  /** `written`: when the stored bytes were, where that is another revision. */
  constructor(
    key: string,
    prefixLength: number,
    stored: Uint8Array,
    created: Revision,
    revision: Revision,
    written = revision,
  ) {
    this.key = key;
    this.stored = stored;
    this.created = created;
    this.revision = revision;
    this.#prefixLength = prefixLength;
    this.#written = written;
  }

  get namespace(): string | undefined {
    const slash = this.key.indexOf('/', this.#prefixLength);
    return slash < 0 ? undefined : this.key.slice(this.#prefixLength, slash);
  }

  get name(): string {
    return this.key.slice(Math.max(this.#prefixLength, this.key.indexOf('/', this.#prefixLength) + 1));
  }

  /** The apiVersion that the stored bytes say; none where the kind has but one. */
  get label(): string | undefined {
    return labelOf(this.stored);
  }

  /** The same content as if `revision` had written it. */
  under(revision: Revision): CachedObject {
    return new CachedObject(this.key, this.#prefixLength, this.stored, this.created, revision, this.#written);
  }

  /** As it is stored, without kind, apiVersion and resourceVersion. Must not be changed. */
  storedObject(): KubeObject {
    return justWritten.get(this.stored) ?? parsed(this.stored);
  }

  /** What stands in the store, or would in this version; `undefined` where only a decoded object tells. */
  bytesIn(form: KindForm): Uint8Array | undefined {
    if (form.conversion?.concerns(this)) return form.conversion.bytesOf(this);
    return this.#converts(form) ? undefined : this.stored;
  }

  #converts({ convert, isShaped }: KindForm): boolean {
    return convert !== undefined && isShaped?.(this.#written, this.label) !== true;
  }

  /** Decoded and frozen, with kind, apiVersion and resourceVersion, in the version of `form`. */
  object(form: KindForm): Readonly<KubeObject> {
    const known = this.#known(form);
    if (known !== undefined) return known;
    const object = deepFreeze(this.#decode(form));
    const reference = new WeakRef(object);
    if (this.#isFirst(form)) this.#decoded = reference;
    else this.#other(form).decoded = reference;
    return object;
  }

  /** The same, for one who looks at many objects once: what must be decoded for him is not kept. */
  peek(form: KindForm): Readonly<KubeObject> {
    return this.#known(form) ?? this.#decode(form);
  }

  /** Labels and selectable fields. */
  attributes(form: KindForm): Attributes {
    if (this.#isFirst(form)) return (this.#attributes ??= attributesOf(this.peek(form), form));
    const other = this.#other(form);
    return (other.attributes ??= attributesOf(this.peek(form), form));
  }

  /** Lets go of what the writer handed over with the bytes: all who follow the commits have seen it. */
  settle(): void {
    justWritten.delete(this.stored);
  }

  #known(form: KindForm): Readonly<KubeObject> | undefined {
    return (this.#isFirst(form) ? this.#decoded : this.#others?.get(form.apiVersion)?.decoded)?.deref();
  }

  #isFirst({ apiVersion }: KindForm): boolean {
    this.#version ??= apiVersion;
    return this.#version === apiVersion;
  }

  #other({ apiVersion }: KindForm): { decoded?: WeakRef<KubeObject>; attributes?: Attributes } {
    this.#others ??= new Map();
    const known = this.#others.get(apiVersion);
    if (known !== undefined) return known;
    const other = {};
    this.#others.set(apiVersion, other);
    return other;
  }

  #body(form: KindForm): KubeObject {
    if (form.conversion?.concerns(this)) return parsed(form.conversion.bytesOf(this));
    return this.#converts(form) ? form.convert!(this.storedObject()) : this.storedObject();
  }

  #decode(form: KindForm): KubeObject {
    const { kind: _kind, apiVersion: _apiVersion, ...rest } = this.#body(form);
    return {
      kind: form.kind,
      apiVersion: form.apiVersion,
      ...rest,
      metadata: { ...rest.metadata, resourceVersion: String(this.revision) },
    };
  }
}

function parsed(bytes: Uint8Array): KubeObject {
  return parseJson(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as KubeObject;
}

function attributesOf(object: Readonly<KubeObject>, { fields }: KindForm): Attributes {
  const labels = object.metadata.labels ?? noLabels;
  if (fields === undefined) return { labels, fields: noFields };
  const values: Record<string, string> = {};
  for (const field in fields) values[field] = fields[field]!(object);
  return { labels, fields: values };
}
