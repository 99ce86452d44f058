import { parseJson } from '../../apimachinery/decode/parse-json.ts';
import { deepFreeze } from '../../apimachinery/freeze.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import type { Revision } from '../../store/store.ts';

/** What the cache must know of a kind to turn stored bytes into an object. */
export interface KindForm {
  readonly kind: string;
  readonly apiVersion: string;
  /** Adapts the decoded storage form to this served version, where the two differ. */
  convert?(stored: KubeObject): KubeObject;
}

/**
 * Objects that a writer has just built, by the bytes that it gave to the store: so that the commit's event need not
 * parse what the process already has. Entries go when the bytes do.
 */
const justWritten = new WeakMap<Uint8Array, KubeObject>();

/** Remembers the object behind `value` until somebody asks for it. The object must not be changed afterwards. */
export function handOver(value: Uint8Array, object: KubeObject): void {
  justWritten.set(value, object);
}

const listItemStart = Buffer.from('{"metadata":{');

/**
 * One revision of one object. Holds the bytes of its list form (the stored value with the resource version spliced in);
 * decoded forms are made on demand, frozen, and shared by all who hold them.
 */
export class CachedObject {
  readonly key: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly created: Revision;
  readonly revision: Revision;
  readonly #stored: Uint8Array;
  #item: Buffer | undefined;
  /** Decoded forms by version; most kinds have but one. */
  readonly #decoded = new Map<string, WeakRef<KubeObject>>();

  constructor(key: string, prefixLength: number, stored: Uint8Array, created: Revision, revision: Revision) {
    this.key = key;
    const slash = key.indexOf('/', prefixLength);
    this.namespace = slash < 0 ? undefined : key.slice(prefixLength, slash);
    this.name = key.slice(slash < 0 ? prefixLength : slash + 1);
    this.#stored = stored;
    this.created = created;
    this.revision = revision;
  }

  get stored(): Uint8Array {
    return this.#stored;
  }

  /** The same content as if `revision` had written it. */
  under(revision: Revision): CachedObject {
    const { key, name, namespace } = this;
    const prefixLength = key.length - name.length - (namespace === undefined ? 0 : namespace.length + 1);
    return new CachedObject(key, prefixLength, this.#stored, this.created, revision);
  }

  /** `{"metadata":{"resourceVersion":"7",…},…}`: the form of a list item, without kind and apiVersion. */
  get item(): Buffer {
    this.#item ??= spliced(this.#stored, this.revision);
    return this.#item;
  }

  /** Decoded and frozen, with kind, apiVersion and resourceVersion, in the version of `form`. */
  object(form: KindForm): Readonly<KubeObject> {
    const known = this.#decoded.get(form.apiVersion)?.deref();
    if (known !== undefined) return known;
    const body =
      justWritten.get(this.#stored) ??
      (parseJson(
        Buffer.from(this.#stored.buffer, this.#stored.byteOffset, this.#stored.byteLength).toString(),
      ) as KubeObject);
    const object = deepFreeze({
      kind: form.kind,
      apiVersion: form.apiVersion,
      ...withoutTypeMeta(form.convert ? form.convert(body) : body),
      metadata: { ...body.metadata, resourceVersion: String(this.revision) },
    });
    justWritten.delete(this.#stored);
    this.#decoded.set(form.apiVersion, new WeakRef(object));
    return object;
  }
}

function withoutTypeMeta<T extends KubeObject>(object: T): Omit<T, 'kind' | 'apiVersion'> {
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object;
  return rest;
}

function spliced(stored: Uint8Array, revision: Revision): Buffer {
  const version = `"resourceVersion":"${revision}",`;
  const item = Buffer.allocUnsafeSlow(stored.length + version.length);
  listItemStart.copy(item);
  item.write(version, listItemStart.length, 'latin1');
  item.set(stored.subarray(listItemStart.length), listItemStart.length + version.length);
  return item;
}
