import type { ResourceFacts, Verb } from '../../src/api/resource-facts.ts';
import type { KubeObject } from '../../src/apimachinery/object.ts';
import type { ResourceType } from '../../src/apimachinery/resource-type.ts';
import type { Definition, Field, Schema } from '../../src/apimachinery/schema.ts';
import { required } from '../../src/apimachinery/validation.ts';
import type { StoredKind } from '../../src/apiserver/catalog/served-version.ts';
import { storedKind } from '../../src/apiserver/catalog/stored-kind.ts';
import { ageOf } from '../../src/apiserver/rest/cells.ts';
import type { ResourceDefinition, StorageCodec } from '../../src/apiserver/rest/resource.ts';

/** Its first version called the size a dimension. */
export interface Widget extends KubeObject {
  spec?: { size?: number; tags?: string[] };
  status?: { ready?: boolean };
}
export interface OldWidget extends KubeObject {
  spec?: { dimension?: number; tags?: string[] };
  status?: { ready?: boolean };
}

export interface Widgets {
  readonly kind: StoredKind;
  /** The version in which widgets are stored. */
  readonly v1: ResourceType<Widget>;
  readonly v1beta1: ResourceType<OldWidget>;
}

const verbs: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const typeMeta: Record<string, Field> = {
  apiVersion: { type: 'string', zero: 'omitted' },
  kind: { type: 'string', zero: 'omitted' },
};

/** A kind that exists in tests only: in namespaces, in two versions, with a status, columns and a field to select by. */
export function widgets(group = 'example.com', kindName = 'Widget'): Widgets {
  return widgetsWith(group, kindName, (type, stored) => ({ storage: storageCodec(type, stored) }));
}

/**
 * The same kind, but whoever makes its older version of the newer one, and back, answers later. `convert` is called with
 * what was asked for, and what is to be answered; what it throws is the failure of the conversion.
 */
export function asyncWidgets(convert: ConvertLater, group = 'example.com', kindName = 'Widget'): Widgets {
  return widgetsWith(group, kindName, (type, stored) => {
    const { fromStored, toStored } = storageCodec(type, stored);
    return {
      asyncStorage: {
        type: stored,
        fromStored: (objects) => convert(objects, objects.map(fromStored)) as Promise<OldWidget[]>,
        toStored: async (object) => (await convert([object], [toStored(object)]))[0]!,
      },
    };
  });
}

export type ConvertLater = (
  asked: readonly KubeObject[],
  answer: readonly KubeObject[],
) => Promise<readonly KubeObject[]>;

type StoredAs = Pick<ResourceDefinition<OldWidget>, 'storage' | 'asyncStorage'>;

function widgetsWith(
  group: string,
  kindName: string,
  storedAs: (type: ResourceType<OldWidget>, stored: ResourceType<Widget>) => StoredAs,
): Widgets {
  const v1 = typeOf<Widget>(group, 'v1', kindName);
  const v1beta1 = typeOf<OldWidget>(group, 'v1beta1', kindName);
  const kind = storedKind([
    { definition: widget(v1), facts: factsOf(v1, 'size') },
    { definition: oldWidget(v1beta1, storedAs(v1beta1, v1)), facts: factsOf(v1beta1, 'dimension') },
  ]);
  return { kind, v1, v1beta1 };
}

function typeOf<T extends KubeObject>(group: string, version: string, kind: string): ResourceType<T> {
  const singular = kind.toLowerCase();
  const definition = `${group.split('.').reverse().join('.')}.${version}.${kind}`;
  return { group, version, kind, resource: `${singular}s`, singular, namespaced: true, definition };
}

function widget(type: ResourceType<Widget>): ResourceDefinition<Widget> {
  return {
    type,
    strategy: {
      allowUnconditionalUpdate: false,
      defaults(draft) {
        (draft.spec ??= {}).tags ??= ['plain'];
      },
      validate: ({ spec }) => (spec?.size === undefined ? [required('spec.size')] : []),
    },
    columns: { cells: (object, now) => [object.metadata.name, object.spec?.size ?? 0, ageOf(object, now)] },
    selectableFields: { 'spec.size': ({ spec }) => String(spec?.size ?? '') },
  };
}

function storageCodec(type: ResourceType<OldWidget>, stored: ResourceType<Widget>): StorageCodec<OldWidget> {
  return {
    type: stored,
    fromStored: (object) => moved(object, `${type.group}/v1beta1`, 'size', 'dimension') as OldWidget,
    toStored: (object) => moved(object, `${type.group}/v1`, 'dimension', 'size'),
  };
}

function oldWidget(type: ResourceType<OldWidget>, storedAs: StoredAs): ResourceDefinition<OldWidget> {
  return {
    type,
    deprecation: `${type.group}/v1beta1 ${type.kind} is deprecated; use ${type.group}/v1 ${type.kind}`,
    ...storedAs,
    strategy: {
      allowUnconditionalUpdate: false,
      validate: ({ spec }) => (spec?.dimension === undefined ? [required('spec.dimension')] : []),
    },
    columns: { cells: (object, now) => [object.metadata.name, object.spec?.dimension ?? 0, ageOf(object, now)] },
    selectableFields: { 'spec.dimension': ({ spec }) => String(spec?.dimension ?? '') },
  };
}

/** The object in another version, in which one field of its spec has another name. */
function moved(object: KubeObject, apiVersion: string, from: string, to: string): KubeObject {
  const { spec = {}, ...rest } = object as KubeObject & { spec?: Record<string, unknown> };
  const { [from]: value, ...others } = spec;
  return { ...rest, apiVersion, spec: value === undefined ? others : { [to]: value, ...others } } as KubeObject;
}

function factsOf(type: ResourceType, field: string): ResourceFacts {
  return {
    type,
    verbs,
    shortNames: ['wd'],
    categories: ['all'],
    subresources: [{ name: 'status', kind: type.kind, verbs: ['get', 'patch', 'update'] }],
    columns: [
      { name: 'Name', type: 'string', format: 'name', priority: 0 },
      { name: 'Size', type: 'integer', format: '', priority: 0 },
      { name: 'Age', type: 'string', format: '', priority: 0 },
    ],
    fieldSelectors: ['metadata.name', 'metadata.namespace', `spec.${field}`],
    schema: schemaOf(type, field),
  };
}

function schemaOf({ definition, group, version, kind }: ResourceType, field: string): Schema {
  const object = (fields: Record<string, Field>, more: Partial<Definition> = {}): Definition => ({ ...more, fields });
  const gvk = (name: string) => ({ gvk: [`${group}/${version}/${name}`] });
  return {
    [definition]: object(
      {
        ...typeMeta,
        metadata: { ref: `${meta}.ObjectMeta`, zero: 'shown' },
        spec: { ref: `${definition}Spec` },
        status: { ref: `${definition}Status` },
      },
      gvk(kind),
    ),
    [`${definition}Spec`]: object({
      [field]: { type: 'integer', format: 'int64' },
      tags: { array: { type: 'string' }, listType: 'set' },
    }),
    [`${definition}Status`]: object({ ready: { type: 'boolean' } }),
    [`${definition}List`]: object(
      {
        ...typeMeta,
        items: { array: { ref: definition }, required: true, zero: 'shown' },
        metadata: { ref: `${meta}.ListMeta`, zero: 'shown' },
      },
      gvk(`${kind}List`),
    ),
  };
}
