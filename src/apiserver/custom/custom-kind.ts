import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '../../api/apiextensions/v1/types.ts';
import { schema as builtIn } from '../../api/schema.ts';
import type { ResourceFacts, SubresourceFacts, Verb } from '../../api/resource-facts.ts';
import { cloneJson } from '../../apimachinery/clone.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { RawNumber } from '../../apimachinery/raw-number.ts';
import { refused } from '../../apimachinery/status.ts';
import { apiVersionOf, groupResourceOf, type ResourceType } from '../../apimachinery/resource-type.ts';
import type { Revision } from '../../store/store.ts';
import { root } from '../cache/watch-cache.ts';
import type { ServedVersion, StoredKind } from '../catalog/served-version.ts';
import { servedVersion } from '../catalog/stored-kind.ts';
import type { ResourceDefinition } from '../rest/resource.ts';
import { fillDefaults } from '../schema/fill.ts';
import type { JsonSchema } from '../schema/json-schema.ts';
import { shapeObject, type KindShape } from '../schema/shape.ts';
import { structureOfKind } from '../schema/structure.ts';
import { columnFacts, columnsOf, tableOf } from './columns.ts';
import { customStrategy } from './custom-strategy.ts';
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
  { shapedSince }: CustomKindOptions,
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

  /** An object of one version as one of another: the same but for what the other does not know. */
  const converted = (object: KubeObject, from: string, to: string, fill: boolean): KubeObject => {
    // To leave out what the other version does not know would lose it.
    if (spec.conversion?.strategy === 'Webhook' && from !== to)
      throw refused.internal(
        `conversion webhook for ${spec.group}/${from}, Kind=${names.kind} failed: conversion by webhooks is not supported`,
      );
    const copy = () => cloneJson(object) as KubeObject;
    const typed = {
      ...(fill ? filled(copy, schemaOf(from)) : copy()),
      kind: names.kind,
      apiVersion: `${spec.group}/${to}`,
    };
    return shapeObject(typed, shape).value as unknown as KubeObject;
  };

  const kind: StoredKind = {
    prefix: `${root}${groupResourceOf(hubType)}/`,
    storageVersion: apiVersionOf(hubType),
    get versions() {
      return versions;
    },
    toStorage(object) {
      const [, version = hub.name] = object.apiVersion?.split('/') ?? [];
      return version === hub.name ? object : converted(object, version, hub.name, false);
    },
  };

  const served = (version: Readonly<CustomResourceDefinitionVersion>): ServedVersion => {
    const type = typeOf(version);
    const schema = schemaOf(version.name) ?? anything;
    const isHub = version.name === hub.name;
    const columns = columnsOf(version.additionalPrinterColumns);
    const fields = selectableFields(version);
    const { scale } = version.subresources ?? {};
    const described: ResourceDefinition = {
      type,
      ...deprecationOf(spec, version),
      ...(isHub
        ? {}
        : {
            storage: {
              type: hubType,
              fromStored: (stored) => converted(stored, hub.name, version.name, true),
              toStored: (object) => kind.toStorage(object) as KubeObject,
            },
          }),
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
        form: isHub
          ? {
              isShaped: (revision) => revision > shapedSince,
              convert: (stored) => filled(() => converted(stored, hub.name, hub.name, false), schema),
            }
          : {},
      },
      kind,
    );
  };
  const versions = spec.versions.filter((version) => version.served).map(served);
  return kind;
}

/** A new object with its defaults, or without any where they are too many: what is stored must remain readable. */
function filled(copy: () => KubeObject, schema: JsonSchema | undefined): KubeObject {
  const object = copy();
  return fillDefaults(object, schema) ? object : copy();
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
