import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JSONSchemaProps } from '../../../api/apiextensions/v1/types.ts';
import { complaintsAbout, completed } from '../../testing/definition.ts';
import { customResourceDefinition } from './custom-resource-definition.ts';

const names = { plural: 'things', kind: 'Thing' };
const object: JSONSchemaProps = { type: 'object' };

function version(schema: JSONSchemaProps = object, more: object = {}) {
  return { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...more };
}

function definition(spec: object = {}, metadata: object = {}) {
  return {
    metadata: { name: 'things.example.com', ...metadata },
    spec: { group: 'example.com', scope: 'Namespaced', names, versions: [version()], ...spec },
  };
}

/** A definition of one version with this schema of its spec. */
const withSpec = (spec: JSONSchemaProps, more: object = {}) =>
  definition({ versions: [version({ type: 'object', properties: { spec } }, more)] });

/** Ten of the next level in each of the items that the level before brought. */
function growing(levels: number): JSONSchemaProps {
  const properties: Record<string, JSONSchemaProps> = levels === 0 ? {} : { x: growing(levels - 1) };
  return { type: 'array', default: Array(10).fill({}), items: { type: 'object', properties } };
}

const root = 'spec.validation.openAPIV3Schema';
const at = `${root}.properties[spec]`;

const cases: readonly (readonly [string, object, readonly string[]])[] = [
  ['is all right', definition(), []],
  [
    'has another name than what it defines',
    definition({}, { name: 'others.example.com' }),
    ['metadata.name: Invalid value: "others.example.com": must be spec.names.plural+"."+spec.group'],
  ],
  [
    'lacks nearly everything',
    { metadata: { name: 'x' }, spec: { group: '', scope: '', names: { plural: '', kind: '' }, versions: [] } },
    [
      'metadata.name: Invalid value: "x": must be spec.names.plural+"."+spec.group',
      'spec.group: Required value',
      'spec.scope: Required value',
      'spec.versions: Invalid value: []: must have exactly one version marked as storage version',
      'spec.names.plural: Required value',
      'spec.names.singular: Required value',
      'spec.names.kind: Required value',
      'spec.names.listKind: Required value',
      'status.storedVersions: Invalid value: []: must have at least one stored version',
    ],
  ],
  ['tells no type', withSpec({}), [`${at}.type: Required value: must not be empty for specified object fields`]],
  [
    'tells a type inside of a form',
    withSpec({ type: 'object', oneOf: [{ type: 'object' }] }),
    [`${at}.oneOf[0].type: Forbidden: must be empty to be structural`],
  ],
  [
    'restricts what it does not know',
    definition({ versions: [version({ type: 'object', allOf: [{ properties: { a: { minimum: 1 } } }] })] }),
    [`${root}.properties[a]: Required value: because it is defined in ${root}.allOf[0].properties[a]`],
  ],
  [
    'has a default that is unknown to its schema',
    withSpec({ type: 'object', properties: { a: { type: 'string' } }, default: { b: 'c' } }),
    [`${at}.default: Invalid value: {"b":"c"}: must not have unknown fields`],
  ],
  [
    'has a default of another type',
    withSpec({ type: 'integer', default: 'x' }),
    [`${at}.default: Invalid value: "string":  in body must be of type integer: "string"`],
  ],
  [
    'has defaults within defaults that bring more and more',
    withSpec(growing(10)),
    ['spec.validation.openAPIV3Schema: Forbidden: defaults must bring at most 60000 values to an empty object'],
  ],
  [
    'has columns whose paths are too long',
    withSpec(
      { type: 'object' },
      {
        additionalPrinterColumns: [
          { name: 'A', type: 'string', jsonPath: `.a[?(@${' '.repeat(1_000_000)}b)]` },
          { name: 'B', type: 'string', jsonPath: '.a'.repeat(21) },
        ],
      },
    ),
    [
      'spec.additionalPrinterColumns[0].JSONPath: Too long: may not be more than 1024 bytes',
      `spec.additionalPrinterColumns[1].JSONPath: Invalid value: "${'.a'.repeat(21)}": must have at most 20 steps`,
    ],
  ],
  [
    'has a pattern that is none',
    withSpec({ type: 'string', pattern: '([' }),
    [
      `${at}.pattern: Invalid value: "([": must be a valid regular expression, but isn't: error parsing regexp: missing closing ]: \`[\``,
    ],
  ],
  [
    'has a key that may be missing',
    withSpec({
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
      items: { type: 'object', properties: { k: { type: 'string' } } },
    }),
    [
      `${at}.items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
    ],
  ],
  [
    'has a scale that stands nowhere, a column of no type and fields that nobody can select by',
    withSpec(
      { type: 'object' },
      {
        subresources: { status: {}, scale: { specReplicasPath: 'spec.x', statusReplicasPath: '.spec.x' } },
        additionalPrinterColumns: [{ name: 'A', type: 'odd', jsonPath: 'a' }],
        selectableFields: [{ jsonPath: '.spec.q' }, { jsonPath: '.spec' }],
      },
    ),
    [
      'spec.subresources.scale.specReplicasPath: Invalid value: "spec.x": must be a simple json path starting with .',
      'spec.subresources.scale.statusReplicasPath: Invalid value: ".spec.x": should be a json path under .status',
      'spec.additionalPrinterColumns[0].type: Invalid value: "odd": must be one of boolean,date,integer,number,string',
      'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "a": must be a simple json path starting with .',
      'spec.selectableFields[0].jsonPath: Invalid value: ".spec.q": is an invalid path: does not refer to a valid field',
      'spec.selectableFields[1].jsonPath: Invalid value: ".spec": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
    ],
  ],
  [
    'differs between versions',
    definition({ versions: [version(), version({ type: 'string' }, { name: 'v2', storage: false })] }),
    ['spec.versions[1].schema.openAPIV3Schema.type: Invalid value: "string": must be object at the root'],
  ],
  [
    'converts with a webhook that cannot be called',
    definition({
      conversion: {
        strategy: 'Webhook',
        webhook: { conversionReviewVersions: ['v7'], clientConfig: { url: 'http://x/?q' } },
      },
    }),
    [
      `spec.conversion.webhookClientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`,
      'spec.conversion.webhookClientConfig.url: Invalid value: "q": query parameters are not permitted in the URL',
      'spec.conversion.conversionReviewVersions: Invalid value: ["v7"]: must include at least one of v1, v1beta1',
    ],
  ],
];

for (const [name, object, want] of cases)
  test(`a definition that ${name}`, () => {
    assert.deepEqual(complaintsAbout(customResourceDefinition, object), want);
  });

test('a group of Kubernetes itself needs an approval', () => {
  const protectedOne = (annotations: object) =>
    definition({ group: 'x.k8s.io' }, { name: 'things.x.k8s.io', annotations });
  const approval = (text: string) => protectedOne({ 'api-approved.kubernetes.io': text });
  assert.match(
    complaintsAbout(customResourceDefinition, protectedOne({}))[0]!,
    /Required value: protected groups must/,
  );
  assert.match(complaintsAbout(customResourceDefinition, approval('yes'))[0]!, /with either a URL or a reason/);
  for (const text of ['https://example.com/1', 'unapproved, a test'])
    assert.deepEqual(complaintsAbout(customResourceDefinition, approval(text)), []);
});

test('a version in which objects were stored stays, and names do not change', () => {
  const next = definition({ versions: [version(object, { name: 'v2' })], names: { plural: 'others', kind: 'Thing' } });
  const old = {
    ...definition(),
    status: { storedVersions: ['v1'], acceptedNames: { plural: 'things', kind: 'Thing' } },
  };
  assert.deepEqual(complaintsAbout(customResourceDefinition, { ...next, status: old.status }, old), [
    'spec.names.plural: Invalid value: "others": field is immutable',
    'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions',
  ]);
});

test('what is left out is filled in', () => {
  const { spec } = completed(customResourceDefinition, definition());
  assert.deepEqual(
    [spec.names, spec.conversion],
    [{ plural: 'things', kind: 'Thing', singular: 'thing', listKind: 'ThingList' }, { strategy: 'None' }],
  );
});

test('a status without stored versions gets the one that is stored now', () => {
  for (const storedVersions of [[], null, undefined]) {
    const { status } = completed(customResourceDefinition, { ...definition(), status: { storedVersions } });
    assert.deepEqual(status?.storedVersions, ['v1']);
  }
  const kept = { status: { storedVersions: ['v0'] } };
  assert.deepEqual(completed(customResourceDefinition, { ...definition(), ...kept }).status, kept.status);
});

const cannotBe = 'CustomResourceDefinition in version "v1" cannot be handled as a CustomResourceDefinition: ';
const inSchema = 'Go struct field JSONSchemaProps.spec.versions.schema.openAPIV3Schema';
for (const [inner, why] of [
  [{ additionalProperties: 'x' }, 'boolean or JSON schema expected'],
  [{ additionalItems: [] }, 'boolean or JSON schema expected'],
  [{ additionalProperties: { properties: { b: { additionalProperties: 3 } } } }, 'boolean or JSON schema expected'],
  [
    { additionalProperties: { type: 5 } },
    `json: cannot unmarshal number into ${inSchema}.properties.additionalProperties.type of type string`,
  ],
  [{ items: ['x'] }, `json: cannot unmarshal string into ${inSchema}.properties.items of type v1.JSONSchemaProps`],
  [
    { dependencies: { b: { type: 5 } } },
    `json: cannot unmarshal number into ${inSchema}.properties.dependencies.type of type string`,
  ],
] as const)
  test(`what stands in place of a schema is refused: ${JSON.stringify(inner)}`, () => {
    const odd = { type: 'object', properties: { a: inner } } as never;
    assert.throws(() => completed(customResourceDefinition, definition({ versions: [version(odd)] })), {
      message: `${cannotBe}${why}`,
    });
  });

test('others have their turn between the rules of a definition', () => {
  const rules = Array.from({ length: 100 }, (_, number) => ({ rule: `self.x != ${number}` }));
  const spec: JSONSchemaProps = {
    type: 'object',
    properties: { x: { type: 'integer' } },
    required: ['x'],
    'x-kubernetes-validations': rules,
  };
  const draft = completed(customResourceDefinition, withSpec(spec));
  assert.ok([...customResourceDefinition.strategy.validateRules!(draft, undefined, [])].length > rules.length);
});
