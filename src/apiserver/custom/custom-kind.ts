import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '../../api/apiextensions/v1/types.ts';
import { schema as builtIn } from '../../api/schema.ts';
import type { ResourceFacts, SubresourceFacts, Verb } from '../../api/resource-facts.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { RawNumber } from '../../apimachinery/raw-number.ts';
import { apiVersionOf, groupResourceOf, type ResourceType } from '../../apimachinery/resource-type.ts';
import type { Revision } from '../../store/store.ts';
import { root } from '../cache/watch-cache.ts';
import type { ServedVersion, StoredKind } from '../catalog/served-version.ts';
import { servedVersion } from '../catalog/stored-kind.ts';
import type { ResourceDefinition } from '../rest/resource.ts';
import type { JsonSchema } from '../schema/json-schema.ts';
import { shapeObject, type KindShape } from '../schema/shape.ts';
import { structureOfKind } from '../schema/structure.ts';
import { columnFacts, columnsOf, tableOf } from './columns.ts';
import type { ConversionWebhook } from './conversion-webhook.ts';
import { customStrategy } from './custom-strategy.ts';
import { CustomVersions } from './custom-versions.ts';
import { deprecationOf } from './deprecation.ts';
import { compileJsonPath, firstValue } from './json-path.ts';
import { publishedSchema } from './published-schema.ts';
import { scaleViewOf } from './scale.ts';

const verbs: readonly Verb[] = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
const anything: JsonSchema = Object.freeze({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true });

export interface CustomKindOptions {
  /**
   * Objects that were written after this revision have the form of the schemas; older ones are brought into it whenever
   * they are read.
   */
  readonly shapedSince: Revision;
  /** Who converts objects, where the definition names somebody. */
  readonly webhook?: ConversionWebhook | undefined;
}

/** None of Kubernetes' own: these describe what is built in. */
function definitionName(group: string, version: string, kind: string): string {
  const name = `${group.split('.').reverse().join('.')}.${version}.${kind}`;
  return Object.hasOwn(builtIn, name) ? `custom.${name}` : name;
}

function schemaOfVersion(
  { preserveUnknownFields }: Readonly<CustomResourceDefinition['spec']>,
  version: Readonly<CustomResourceDefinitionVersion>,
): JsonSchema | undefined {
  const schema = version.schema?.openAPIV3Schema;
  if (preserveUnknownFields !== true) return schema;
  return schema === undefined ? anything : { ...schema, 'x-kubernetes-preserve-unknown-fields': true };
}

/** The kind that a definition brings, in all versions that are served, under the names that were accepted. */
export function customKind(
  definition: Readonly<CustomResourceDefinition>,
  { shapedSince, webhook }: CustomKindOptions,
): StoredKind {
  const { spec, status } = definition;
  const names = status?.acceptedNames ?? spec.names;
  const hub = spec.versions.find(({ storage }) => storage)!;
  const typeOf = ({ name: version }: Pick<CustomResourceDefinitionVersion, 'name'>): ResourceType => ({
    group: spec.group,
    version,
    kind: names.kind,
    // Whatever became of the names, this is the definition's own.
    resource: spec.names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    namespaced: spec.scope === 'Namespaced',
    definition: definitionName(spec.group, version, names.kind),
  });
  const schemas = new Map(spec.versions.map((version) => [version.name, schemaOfVersion(spec, version)]));
  const schemaOf = (version: string) => schemas.get(version);
  const shape: KindShape = { group: spec.group, kind: names.kind, schemaOf };
  const hubType = typeOf(hub);
  const versions = new CustomVersions({ definition, hub: hub.name, shape, webhook });

  const kind: StoredKind = {
    prefix: `${root}${groupResourceOf(hubType)}/`,
    storageVersion: apiVersionOf(hubType),
    isLabelled: versions.areSeveral,
    get versions() {
      return all;
    },
    toStorage: (object) => versions.toStorage(object),
    convert: (objects, apiVersion) => versions.convert(objects, apiVersion),
  };

  const served = (version: Readonly<CustomResourceDefinitionVersion>): ServedVersion => {
    const type = typeOf(version);
    const schema = schemaOf(version.name) ?? anything;
    const columns = columnsOf(version.additionalPrinterColumns);
    const fields = selectableFields(version);
    const { scale } = version.subresources ?? {};
    const described: ResourceDefinition = {
      type,
      ...deprecationOf(spec, version),
      strategy: customStrategy({ type, schema, subresources: version.subresources }),
      columns: tableOf(columns),
      ...(fields === undefined ? {} : { selectableFields: fields }),
      subresources: scale === undefined ? {} : { scale: scaleViewOf(scale) },
    };
    return servedVersion(
      {
        definition: described,
        facts: factsOf(type, version, {
          names,
          columns: columnFacts(columns),
          listKind: names.listKind ?? `${type.kind}List`,
          storageVersion: apiVersionOf(hubType),
        }),
        structure: () => structureOfKind(schema, (value, options) => shapeObject(value, shape, options)),
        form: versions.formOf(version.name, shapedSince),
      },
      kind,
    );
  };
  const all = spec.versions.filter((version) => version.served).map(served);
  return kind;
}

function factsOf(
  type: ResourceType,
  { schema, subresources, selectableFields: fields = [] }: Readonly<CustomResourceDefinitionVersion>,
  {
    names,
    columns,
    listKind,
    storageVersion,
  }: {
    readonly names: Readonly<CustomResourceDefinition['spec']['names']>;
    readonly columns: ResourceFacts['columns'];
    readonly listKind: string;
    readonly storageVersion: string;
  },
): ResourceFacts {
  const reading: readonly Verb[] = ['get', 'patch', 'update'];
  const told: SubresourceFacts[] = [];
  if (subresources?.status !== undefined) told.push({ name: 'status', kind: type.kind, verbs: reading });
  if (subresources?.scale !== undefined)
    told.push({ name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: reading });
  const selectable = fields.map(({ jsonPath }) => jsonPath.replace(/^\./, ''));
  let published: ResourceFacts['schema'];
  return {
    type,
    listKind,
    storageVersion,
    verbs,
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    subresources: told,
    columns,
    fieldSelectors: ['metadata.name', ...(type.namespaced ? ['metadata.namespace'] : []), ...selectable],
    get schema() {
      return (published ??= publishedSchema({ type, listKind, schema: schema?.openAPIV3Schema, selectable }));
    },
  };
}

function selectableFields({
  selectableFields: fields = [],
}: Readonly<CustomResourceDefinitionVersion>): Record<string, (object: Readonly<KubeObject>) => string> | undefined {
  if (fields.length === 0) return undefined;
  return Object.fromEntries(
    fields.map(({ jsonPath }) => {
      const find = compileJsonPath(jsonPath);
      return [
        jsonPath.replace(/^\./, ''),
        (object: Readonly<KubeObject>) => fieldText(find && firstValue(find, object)),
      ];
    }),
  );
}

function fieldText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' && !(value instanceof RawNumber) ? JSON.stringify(value) : String(value);
}
