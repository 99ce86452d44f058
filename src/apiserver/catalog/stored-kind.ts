import { protobuf } from '../../api/protobuf.ts';
import { schema as builtIn } from '../../api/schema.ts';
import type { ResourceFacts } from '../../api/resource-facts.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { apiVersionOf, groupResourceOf } from '../../apimachinery/resource-type.ts';
import { extendedSchema } from '../../apimachinery/schema.ts';
import { structureOf } from '../../apimachinery/structure.ts';
import { root } from '../cache/watch-cache.ts';
import type { ResourceDefinition } from '../rest/resource.ts';
import type { ServedVersion, StoredKind } from './served-version.ts';

/** One version of a kind, as those who bring it describe it. */
export interface VersionDefinition {
  readonly definition: ResourceDefinition;
  readonly facts: ResourceFacts;
}

/**
 * Puts the versions of one kind together. The one without a `storage` codec is the storage version; the codecs of the
 * others lead to it, so that any version can be made of any other in two steps.
 */
export function storedKind(definitions: readonly VersionDefinition[]): StoredKind {
  const hub = definitions.find(({ definition }) => definition.storage === undefined)?.definition.type;
  if (hub === undefined) throw new Error('Cannot serve a kind: none of its versions is the storage version');
  const codecs = new Map(definitions.map(({ definition }) => [apiVersionOf(definition.type), definition.storage]));
  const storageVersion = apiVersionOf(hub);
  const kind: StoredKind = {
    prefix: `${root}${groupResourceOf(hub)}/`,
    storageVersion,
    get versions() {
      return versions;
    },
    convert(object, to) {
      const from = object.apiVersion ?? storageVersion;
      if (from === to) return object;
      const stored = codecs.get(from)?.toStored(object) ?? object;
      return codecs.get(to)?.fromStored(stored) ?? stored;
    },
  };
  const versions = definitions.map((one) => servedVersion(one, kind));
  return kind;
}

/** A version of what is stored as `stored`, or of what is not stored at all. */
export function servedVersion({ definition, facts: known }: VersionDefinition, stored?: StoredKind): ServedVersion {
  const { storage, ...parts } = definition;
  const { type } = definition;
  const apiVersion = apiVersionOf(type);
  const schema = known.schema === undefined ? builtIn : extendedSchema(builtIn, known.schema);
  const facts = storage === undefined ? known : { ...known, storageVersion: apiVersionOf(storage.type) };
  const version: ServedVersion = {
    ...parts,
    apiVersion,
    facts,
    schema,
    get structure() {
      return structureOf(schema, type.definition);
    },
    isBuiltIn: Object.hasOwn(builtIn, type.definition),
    stored,
    prefix: stored?.prefix ?? '',
    form: {
      kind: type.kind,
      apiVersion,
      ...(protobuf.has(type.definition) ? { definition: type.definition } : {}),
      ...(definition.selectableFields === undefined ? {} : { fields: definition.selectableFields }),
      ...(storage === undefined ? {} : { convert: (object: KubeObject) => storage.fromStored(object) }),
    },
  };
  return version;
}
