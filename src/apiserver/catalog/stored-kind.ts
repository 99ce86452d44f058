import { protobuf } from '../../api/protobuf.ts';
import { schema as builtIn } from '../../api/schema.ts';
import type { ResourceFacts } from '../../api/resource-facts.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { apiVersionOf, groupResourceOf, type ResourceType } from '../../apimachinery/resource-type.ts';
import { extendedSchema, type Schema } from '../../apimachinery/schema.ts';
import { structureOf, type Structure } from '../../apimachinery/structure.ts';
import { AsyncConversion, withMetadataOf } from '../cache/async-conversion.ts';
import type { KindForm } from '../cache/cached-object.ts';
import { root } from '../cache/watch-cache.ts';
import type { ResourceDefinition } from '../rest/resource.ts';
import type { ServedVersion, StoredKind } from './served-version.ts';

/** One version of a kind, as those who bring it describe it. */
export interface VersionDefinition {
  readonly definition: ResourceDefinition;
  readonly facts: ResourceFacts;
  /** What its objects look like, where the facts do not tell. Called once, on first use. */
  readonly structure?: () => Structure;
  /** How the cache makes its objects, where no codec of the definition tells. */
  readonly form?: Pick<KindForm, 'convert' | 'isShaped' | 'conversion'>;
}

/**
 * Puts the versions of one kind together. The one without a storage codec is the storage version; the codecs of the
 * others lead to it, and from it to any other.
 */
export function storedKind(definitions: readonly VersionDefinition[]): StoredKind {
  const hub = definitions.find(({ definition }) => storageTypeOf(definition) === undefined)?.definition.type;
  if (hub === undefined) throw new Error('Cannot serve a kind: none of its versions is the storage version');
  const codecs = new Map(definitions.map(({ definition }) => [apiVersionOf(definition.type), definition]));
  const storageVersion = apiVersionOf(hub);
  const kind: StoredKind = {
    prefix: `${root}${groupResourceOf(hub)}/`,
    storageVersion,
    get versions() {
      return versions;
    },
    toStorage(object) {
      const codec = codecs.get(object.apiVersion ?? storageVersion);
      return codec === undefined ? object : toStorage(codec, object);
    },
    async convert(objects, apiVersion) {
      const stored = await Promise.all(objects.map(async (object) => kind.toStorage(object)));
      const { storage, asyncStorage } = codecs.get(apiVersion) ?? {};
      if (asyncStorage !== undefined) return asyncStorage.fromStored(stored);
      return storage === undefined ? stored : stored.map((one) => storage.fromStored(one));
    },
  };
  const versions = definitions.map((one) => servedVersion(one, kind));
  return kind;
}

type Codecs = Pick<ResourceDefinition, 'storage' | 'asyncStorage'>;

/** What the objects of a version are stored as, where that is another one. */
export function storageTypeOf({ storage, asyncStorage }: Codecs): ResourceType | undefined {
  return (storage ?? asyncStorage)?.type;
}

function toStorage({ storage, asyncStorage }: Codecs, object: KubeObject): KubeObject | Promise<KubeObject> {
  if (asyncStorage === undefined) return storage?.toStored(object) ?? object;
  return asyncStorage.toStored(object).then((stored) => withMetadataOf(object, stored));
}

/** How the cache makes objects of a version. */
function conversionOf({ storage, asyncStorage }: Codecs): Pick<KindForm, 'convert' | 'conversion'> {
  if (storage !== undefined) return { convert: (object) => storage.fromStored(object) };
  if (asyncStorage === undefined) return {};
  const { kind } = asyncStorage.type;
  const apiVersion = apiVersionOf(asyncStorage.type);
  const typed = (stored: KubeObject): KubeObject => ({ ...stored, kind, apiVersion });
  return { conversion: new AsyncConversion((stored) => asyncStorage.fromStored(stored.map(typed))) };
}

/** A version of what is stored as `stored`, or of what is not stored at all. */
export function servedVersion(
  { definition, facts: known, structure, form = {} }: VersionDefinition,
  stored?: StoredKind,
): ServedVersion {
  const { storage: _storage, asyncStorage: _asyncStorage, ...parts } = definition;
  const storedAs = storageTypeOf(definition);
  const { type } = definition;
  let schema: Schema | undefined;
  let ownStructure: Structure | undefined;
  const apiVersion = apiVersionOf(type);
  const facts =
    storedAs === undefined || known.storageVersion !== undefined
      ? known
      : { ...known, storageVersion: apiVersionOf(storedAs) };
  const version: ServedVersion = {
    ...parts,
    apiVersion,
    facts,
    get schema() {
      return (schema ??= known.schema === undefined ? builtIn : extendedSchema(builtIn, known.schema));
    },
    get structure() {
      if (structure === undefined) return structureOf(this.schema, type.definition);
      return (ownStructure ??= structure());
    },
    isBuiltIn: Object.hasOwn(builtIn, type.definition),
    stored,
    prefix: stored?.prefix ?? '',
    form: {
      kind: type.kind,
      apiVersion,
      ...(known.listKind === undefined ? {} : { listKind: known.listKind }),
      ...(protobuf.has(type.definition) ? { definition: type.definition } : {}),
      ...(definition.selectableFields === undefined ? {} : { fields: definition.selectableFields }),
      ...conversionOf(definition),
      ...form,
    },
  };
  return version;
}
