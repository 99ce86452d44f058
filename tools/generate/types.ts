import type { Field } from '../../src/apimachinery/schema.ts';
import {
  constantNameOf,
  definitionOf,
  folderOf,
  homeOf,
  type DefinitionFacts,
  type Facts,
  type RecordedResource,
} from './facts.ts';
import { generatedNotice } from './notice.ts';

/** Definitions whose wire form has a plain TypeScript type. */
const plainTypes: Readonly<Record<string, string>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': 'string',
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': 'number | string',
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': 'string',
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': 'string',
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': 'Record<string, unknown>',
  'io.k8s.apimachinery.pkg.apis.meta.v1.Patch': 'Record<string, unknown>',
  'io.k8s.apimachinery.pkg.runtime.RawExtension': 'Record<string, unknown>',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON': 'unknown',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray':
    'JSONSchemaProps | JSONSchemaProps[]',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool': 'JSONSchemaProps | boolean',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray': 'JSONSchemaProps | string[]',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceStatus': 'Record<string, unknown>',
};

/** Written by hand in `src/apimachinery`, because generic code builds on them. */
const handwritten: Readonly<Record<string, string>> = {
  ObjectMeta: 'object',
  ListMeta: 'object',
  OwnerReference: 'object',
  ManagedFieldsEntry: 'object',
  Status: 'status',
  StatusCause: 'status',
  StatusDetails: 'status',
};

const metaFolder = 'meta/v1';
const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** Kinds that only answers use; the recorded schema does not hold them. */
const answerKinds = `
export interface PartialObjectMetadata extends KubeObject {}

export interface Table {
  apiVersion?: string;
  kind?: string;
  metadata: ListMeta;
  columnDefinitions: TableColumnDefinition[];
  rows: TableRow[];
}

export interface TableColumnDefinition {
  name: string;
  type: string;
  format: string;
  description: string;
  priority: number;
}

export interface TableRow {
  cells: unknown[];
  conditions?: TableRowCondition[];
  object?: unknown;
}

export interface TableRowCondition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}
`;

/**
 * Go writes null for these when they are nil. Lists that are required are not among them: an object without them is
 * refused, so none is ever read.
 */
function orNull({ array, map, zero, required }: Field): string {
  return (array ?? map) !== undefined && zero === 'shown' && !required ? ' | null' : '';
}

/** The text of `src/api/<folder>/types.ts` by folder. */
export function generateTypes(facts: Facts): Map<string, string> {
  const folders = new Map<string, TypesFile>();
  for (const [definition, shape] of Object.entries(facts.schema)) {
    const home = homeOf(definition);
    if (!home || definition in plainTypes || (home.folder === metaFolder && home.name in handwritten)) continue;
    const file = folders.get(home.folder) ?? new TypesFile(home.folder);
    folders.set(home.folder, file);
    file.declare(home.name, shape);
  }
  for (const resource of facts.resources) folders.get(folderOf(resource))!.declareResource(resource, facts);
  return new Map([...folders].map(([folder, file]) => [folder, file.text()]));
}

class TypesFile {
  readonly #folder: string;
  readonly #imports = new Map<string, Set<string>>();
  readonly #interfaces: string[] = [];
  readonly #constants: string[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  declare(name: string, shape: DefinitionFacts): void {
    const fields = shape.fields ?? {};
    const items = fields['items']?.array?.ref;
    if (shape.gvk && items) {
      this.#import('../../../apimachinery/object.ts', 'KubeList');
      this.#interfaces.push(`export type ${name} = KubeList<${this.#reference(items)}>;\n`);
      return;
    }
    const isObject = shape.gvk !== undefined && fields['metadata']?.ref === objectMeta;
    if (isObject) this.#import('../../../apimachinery/object.ts', 'KubeObject');
    const lines = Object.entries(fields)
      .filter(([field]) => !(isObject && ['apiVersion', 'kind', 'metadata'].includes(field)))
      .map(([field, facts]) => {
        const needed = facts.required || (field === 'spec' && (isObject || isTemplate(fields)));
        return `  ${propertyName(field)}${needed ? '' : '?'}: ${this.#typeOf(facts)}${orNull(facts)};\n`;
      });
    const base = isObject ? ' extends KubeObject' : '';
    this.#interfaces.push(
      lines.length === 0
        ? `export interface ${name}${base} {}\n`
        : `export interface ${name}${base} {\n${lines.join('')}}\n`,
    );
  }

  declareResource(resource: RecordedResource, facts: Facts): void {
    this.#import('../../../apimachinery/resource-type.ts', 'ResourceType');
    const { group, version, kind, singular } = resource;
    const text = (value: string) => `'${value}'`;
    this.#constants.push(
      `export const ${constantNameOf(resource)}: ResourceType<${kind}> = {
  group: ${text(group)},
  version: ${text(version)},
  kind: ${text(kind)},
  resource: ${text(resource.resource)},
  singular: ${text(singular)},
  namespaced: ${resource.scope === 'Namespaced'},
  definition: ${text(definitionOf(facts, resource))},
};
`,
    );
  }

  text(): string {
    let extra = '';
    if (this.#folder === metaFolder) {
      this.#import('../../../apimachinery/object.ts', 'KubeObject');
      this.#import('../../../apimachinery/object.ts', 'ListMeta');
      extra = `export type { Status, StatusCause, StatusDetails } from '../../../apimachinery/status.ts';\n`;
    }
    const imports = [...this.#imports]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([from, names]) => `import type { ${[...names].sort().join(', ')} } from '${from}';\n`)
      .join('');
    const tail = this.#folder === metaFolder ? answerKinds : '';
    const body = [...this.#interfaces, ...this.#constants].join('\n');
    return `${generatedNotice}${imports}${extra}\n${body}${tail}`;
  }

  #typeOf(field: Field): string {
    if (field.array) {
      const item = this.#typeOf(field.array);
      return /^[\w.]+$/.test(item) ? `${item}[]` : `(${item})[]`;
    }
    if (field.map) return `Record<string, ${this.#typeOf(field.map)}>`;
    if (field.ref) return this.#reference(field.ref);
    if (field.enum) return field.enum.map((value) => `'${value}'`).join(' | ');
    if (field.type === 'integer' || field.type === 'number') return 'number';
    if (field.type === 'int-or-string') return 'number | string';
    if (field.type === 'string' || field.type === 'boolean') return field.type;
    return field.type === 'object' ? 'Record<string, unknown>' : 'unknown';
  }

  #reference(definition: string): string {
    const plain = plainTypes[definition];
    if (plain !== undefined) return plain;
    const home = homeOf(definition);
    if (!home) throw new Error(`Cannot name a type for ${definition}: add it to plainTypes`);
    const handwrittenIn = home.folder === metaFolder ? handwritten[home.name] : undefined;
    if (handwrittenIn) this.#import(`../../../apimachinery/${handwrittenIn}.ts`, home.name);
    else if (home.folder !== this.#folder) this.#import(`../../${home.folder}/types.ts`, home.name);
    // A nested ObjectMeta belongs to a template: its name comes later.
    return definition === objectMeta ? 'Partial<ObjectMeta>' : home.name;
  }

  #import(from: string, name: string): void {
    const names = this.#imports.get(from) ?? new Set();
    this.#imports.set(from, names.add(name));
  }
}

function isTemplate(fields: Readonly<Record<string, Field>>): boolean {
  return fields['metadata']?.ref === objectMeta && fields['spec'] !== undefined;
}

function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : `'${name}'`;
}
