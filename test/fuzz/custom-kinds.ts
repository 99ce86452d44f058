import {
  CustomResourceDefinitions,
  type CustomResourceDefinition,
  type JSONSchemaProps,
} from '../../src/api/apiextensions/v1/types.ts';
import type { ResourceFacts, Verb } from '../../src/api/resource-facts.ts';
import { apiVersionOf } from '../../src/apimachinery/resource-type.ts';
import type { Client } from '../../src/client/client.ts';

const group = 'fuzz.example.com';
const verbs: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

const item: JSONSchemaProps = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string', maxLength: 63 },
    value: { type: 'integer', default: 1 },
    note: { type: 'string', nullable: true },
  },
  'x-kubernetes-validations': [
    { rule: 'self.value >= 0 || self.name.matches("^-[a-z]+$")', reason: 'FieldValueRequired' },
  ],
};

/** A bit of all that a schema may say. */
const spec: JSONSchemaProps = {
  type: 'object',
  properties: {
    size: { type: 'integer', minimum: 0, maximum: 1000, default: 3 },
    ratio: { type: 'number', multipleOf: 0.5 },
    mode: { type: 'string', enum: ['fast', 'slow'], default: 'fast' },
    quantity: { type: 'string', format: 'quantity' },
    when: { type: 'string', format: 'date-time' },
    name: { type: 'string', pattern: '^[a-z]([-a-z0-9]*[a-z0-9])?$', maxLength: 63 },
    port: { 'x-kubernetes-int-or-string': true },
    tags: { type: 'array', maxItems: 30, items: { type: 'string', maxLength: 63 }, 'x-kubernetes-list-type': 'set' },
    items: {
      type: 'array',
      maxItems: 50,
      items: item,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    },
    limits: { type: 'object', maxProperties: 30, additionalProperties: { type: 'string', maxLength: 63 } },
    anything: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    template: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
  },
  'x-kubernetes-validations': [
    { rule: '!has(self.tags) || self.tags.all(a, self.tags.exists_one(b, a == b))', message: 'tags must differ' },
    { rule: 'self.mode == oldSelf.mode || self.size != oldSelf.size', messageExpression: "'mode ' + self.mode" },
    { rule: '!has(self.limits) || self.limits.all(k, isQuantity(self.limits[k]))', fieldPath: '.limits' },
    { rule: "!has(self.quantity) || quantity(self.quantity).isGreaterThan(quantity('0'))" },
    { rule: '!has(self.items) || self.items.map(i, i.name).join("").size() < 1000' },
  ],
};

function version(name: string, storage: boolean): CustomResourceDefinition['spec']['versions'][number] {
  const status: JSONSchemaProps = {
    type: 'object',
    properties: { replicas: { type: 'integer' }, selector: { type: 'string' } },
    'x-kubernetes-preserve-unknown-fields': true,
  };
  return {
    name,
    served: true,
    storage,
    schema: { openAPIV3Schema: { type: 'object', properties: { spec, status } } },
    subresources: {
      status: {},
      scale: {
        specReplicasPath: '.spec.size',
        statusReplicasPath: '.status.replicas',
        labelSelectorPath: '.status.selector',
      },
    },
    additionalPrinterColumns: [
      { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
      { name: 'First', type: 'string', jsonPath: '.spec.items[0].name' },
      { name: 'Odd', type: 'date', jsonPath: '.spec.items[?(@.value>1)].note', priority: 1 },
    ],
    selectableFields: [{ jsonPath: '.spec.mode' }],
  };
}

function definition(plural: string, kind: string, scope: 'Namespaced' | 'Cluster', versions: readonly string[]) {
  return {
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope,
      names: { plural, singular: kind.toLowerCase(), kind, shortNames: [plural.slice(0, 2)], categories: ['all'] },
      versions: versions.map((name, at) => version(name, at === 0)),
    },
  } satisfies CustomResourceDefinition;
}

const definitions = [
  definition('gauges', 'Gauge', 'Namespaced', ['v1', 'v1beta1']),
  definition('dials', 'Dial', 'Cluster', ['v1']),
];

/** Kinds that are defined before requests are made, in each version. */
export const customKinds: readonly ResourceFacts[] = definitions.flatMap(({ spec: { names, scope, versions } }) =>
  versions.map(({ name }) => ({
    type: {
      group,
      version: name,
      kind: names.kind,
      resource: names.plural,
      singular: names.singular,
      namespaced: scope === 'Namespaced',
      definition: '',
    },
    verbs,
    shortNames: names.shortNames,
    categories: names.categories,
    subresources: [
      { name: 'status', kind: names.kind, verbs: ['get', 'patch', 'update'] },
      { name: 'scale', kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: ['get', 'patch', 'update'] },
    ],
    columns: [],
    fieldSelectors: [],
  })),
);

/** An object that its definition takes, as large as they are. */
export function customObject({ type }: ResourceFacts, name: string) {
  const template = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { x: 1 } };
  return {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    metadata: { name, ...(type.namespaced && { namespace: 'default' }) },
    spec: {
      size: 3,
      ratio: 1.5,
      mode: 'fast',
      quantity: '10Mi',
      when: '2030-01-01T00:00:00Z',
      port: 'http',
      tags: ['a', 'b'],
      items: [
        { name: 'x', value: 1 },
        { name: 'y', value: 2, note: null },
      ],
      limits: { cpu: '1' },
      anything: { a: [{ b: null }] },
      template,
    },
    status: { replicas: 1, selector: 'app=it', more: true },
  };
}

/** Has the kinds served. */
export async function defineCustomKinds(client: Client): Promise<void> {
  for (const one of definitions) await client.create(CustomResourceDefinitions, one);
  const stop = new AbortController();
  const open = new Set<string>();
  for await (const { object } of client.watch(CustomResourceDefinitions, {
    resourceVersion: '0',
    signal: stop.signal,
  })) {
    const { metadata, status } = object as CustomResourceDefinition;
    if (status?.conditions?.some((one) => one.type === 'Established' && one.status === 'True') === true)
      open.add(metadata.name ?? '');
    if (open.size === definitions.length) break;
  }
  stop.abort();
}
