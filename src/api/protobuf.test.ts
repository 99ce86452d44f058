import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import oracle from 'protobufjs';
import inlined from '../../facts/protobuf-inline.json' with { type: 'json' };
import { decodeValue } from '../apimachinery/decode/decode.ts';
import { RawNumber } from '../apimachinery/raw-number.ts';
import type { Definition, Field } from '../apimachinery/schema.ts';
import { structureOf, type Structure } from '../apimachinery/structure.ts';
import { protobuf } from './protobuf.ts';
import { schema } from './schema.ts';

/** Messages that JSON has as single values. */
const single: Record<string, Record<string, oracle.IField>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { string: { type: 'string', id: 1 } },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': {
    type: { type: 'int64', id: 1 },
    intVal: { type: 'int32', id: 2 },
    strVal: { type: 'string', id: 3 },
  },
  'io.k8s.apimachinery.pkg.runtime.RawExtension': { raw: { type: 'bytes', id: 1 } },
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': { raw: { type: 'bytes', id: 1 } },
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON': { raw: { type: 'bytes', id: 1 } },
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': { seconds: { type: 'int64', id: 1 }, nanos: { type: 'int32', id: 2 } },
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': {
    seconds: { type: 'int64', id: 1 },
    nanos: { type: 'int32', id: 2 },
  },
};
const props = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';
const unions: Record<string, Record<string, oracle.IField>> = {
  [`${props}OrBool`]: { allows: { type: 'bool', id: 1 }, schema: { type: nameOf(props), id: 2 } },
  [`${props}OrArray`]: {
    schema: { type: nameOf(props), id: 1 },
    schemas: { type: nameOf(props), id: 2, rule: 'repeated' },
  },
  [`${props}OrStringArray`]: {
    schema: { type: nameOf(props), id: 1 },
    names: { type: 'string', id: 2, rule: 'repeated' },
  },
};

/** As in the proto2 that Kubernetes writes: a zero is not the same as nothing. */
const present = { features: { field_presence: 'EXPLICIT' } };

function nameOf(definition: string): string {
  return definition.replaceAll(/[^A-Za-z0-9]/g, '_');
}

const nested: Record<string, oracle.INamespace | oracle.IType> = {};

function typeOf(field: Field): string {
  if (field.ref !== undefined) return nameOf(field.ref);
  if (field.array !== undefined) {
    const name = `List_${nameOf(JSON.stringify(field.array))}`;
    nested[name] ??= { fields: { items: { id: 1, rule: 'repeated', type: typeOf(field.array) } } };
    return name;
  }
  if (field.type === 'integer') return field.format === 'int64' ? 'int64' : 'int32';
  if (field.type === 'boolean') return 'bool';
  if (field.type === 'number') return 'double';
  return field.format === 'byte' ? 'bytes' : 'string';
}

function fieldsOf(names: Record<string, number>, fields: Readonly<Record<string, Field>>) {
  const all: Record<string, oracle.IField | oracle.IMapField> = {};
  for (const [member, id] of Object.entries(names)) {
    const field = fields[member];
    const name = `of_${nameOf(member)}`;
    if (field === undefined) continue;
    if (field.map !== undefined) all[name] = { id, keyType: 'string', type: typeOf(field.map) } as oracle.IMapField;
    else if (field.array !== undefined)
      all[name] = { id, rule: 'repeated', type: typeOf(field.array), options: { packed: false } };
    else all[name] = { id, type: typeOf(field), options: present };
  }
  return all;
}

function numbersOf({ fields = {} }: Definition): Record<string, number> {
  return Object.fromEntries(Object.entries(fields).flatMap(([name, { pb }]) => (pb === undefined ? [] : [[name, pb]])));
}

type Inline = { pb: number; type: string };

function addMessage(name: string, owner: string, numbers: Record<string, number>, own: Definition | undefined): void {
  const { fields = {} } = schema[owner]!;
  const message = { fields: fieldsOf(numbers, fields) } as oracle.IType;
  for (const { pb, type } of (own?.['pbInline'] ?? []) as Inline[]) {
    const inner = `${owner.slice(0, owner.lastIndexOf('.'))}.${type.split('.')[1]}`;
    const inlineName = `${name}_${nameOf(type)}`;
    const known = (inlined as Record<string, Record<string, number>>)[inner] ?? numbersOf(schema[inner]!);
    message.fields[`inline${pb}`] = { id: pb, type: inlineName };
    addMessage(inlineName, owner, known, schema[inner]);
  }
  nested[name] = message;
}

function withPresence(fields: Record<string, oracle.IField>): Record<string, oracle.IField> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [
      name,
      field.rule === undefined ? { ...field, options: present } : field,
    ]),
  );
}

for (const [definition, facts] of Object.entries(schema)) {
  const fields = single[definition] ?? unions[definition];
  if (fields !== undefined) nested[nameOf(definition)] = { fields: withPresence(fields) };
  else addMessage(nameOf(definition), definition, numbersOf(facts), facts);
}
const root = oracle.Root.fromJSON({ nested });

/** Seconds that RFC 3339 can say. */
const seconds = fc.integer({ min: -62_135_596_800, max: 253_402_300_799 });
const instant = seconds.map((at) => `${new Date(at * 1000).toISOString().slice(0, -5)}Z`);
const text = fc.oneof(fc.string({ maxLength: 60 }), fc.string({ unit: 'binary', maxLength: 60 }));
const json = fc.jsonValue({ maxDepth: 2 }).filter((value) => value !== null);

const jsonSchema = fc.constantFrom({}, { type: 'string' }, { properties: { a: { type: 'integer' } } });

/** Of the unions in JSON schemas, and of what has no members. */
function unionNamed(name: string): fc.Arbitrary<unknown> | undefined {
  if (name === 'additionalProperties' || name === 'additionalItems') return fc.oneof(fc.boolean(), jsonSchema);
  if (name === 'items') return fc.oneof(fc.array(jsonSchema, { minLength: 1, maxLength: 2 }), jsonSchema);
  if (name === 'dependencies') return fc.oneof(fc.array(text, { minLength: 1, maxLength: 2 }), jsonSchema);
  return name === 'status' ? fc.constant({}) : undefined;
}

function valueOf(type: Structure, depth: number, name = ''): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'string':
      return text;
    case 'int32':
      return fc.integer();
    case 'int64':
      return fc.oneof(fc.integer(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(RawNumber.ofInteger));
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case 'boolean':
      return fc.boolean();
    case 'bytes':
      return fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes).toString('base64'));
    case 'quantity':
      return fc.constantFrom('0', '100m', '1500m', '64Mi', '2', '1e3', '3Gi');
    case 'time':
      return instant;
    case 'micro-time':
      return fc
        .tuple(instant, fc.integer({ min: 0, max: 999_999 }))
        .map(([at, micros]) => `${at.slice(0, -1)}.${String(micros).padStart(6, '0')}Z`);
    case 'int-or-string':
      return fc.oneof(fc.integer(), text);
    case 'any':
    case 'deduced':
      return unionNamed(name) ?? json;
    case 'list':
      return depth === 0 ? fc.constant([]) : fc.array(valueOf(type.element, depth - 1, name), { maxLength: 3 });
    case 'map':
      return depth === 0
        ? fc.constant({})
        : fc.dictionary(text, valueOf(type.element, depth - 1, name), { maxKeys: 3 });
    case 'object': {
      if (depth === 0) return fc.constant({});
      const members: Record<string, fc.Arbitrary<unknown>> = {};
      for (const [own, member] of type.members)
        if (!['kind', 'apiVersion'].includes(own)) members[own] = valueOf(member.type, depth - 1, own);
      return fc.record(members, { requiredKeys: [] });
    }
  }
}

const kindsOfAll = Object.entries(schema).filter(([name, { gvk, fields }]) => gvk && fields && !name.endsWith('List'));

test('objects of every kind are the same after their way over the wire, and another codec reads and writes them so', () => {
  for (const [definition] of kindsOfAll) {
    const structure = structureOf(schema, definition);
    const shaped = (value: unknown) => decodeValue(value, structure).value;
    fc.assert(
      fc.property(valueOf(structure, 6), (value) => {
        const object = shaped(value);
        const message = Buffer.from(protobuf.encodeMessage(object, definition));
        const same = (bytes: Buffer, how: string) =>
          assert.equal(
            stable(shaped(protobuf.decodeMessage(bytes, definition))),
            stable(object),
            `${definition} ${how}`,
          );
        same(message, 'by this codec');
        const type = root.lookupType(nameOf(definition));
        same(Buffer.from(type.encode(type.decode(message)).finish()), 'by the other');
      }),
      { numRuns: 4, seed: 7 },
    );
  }
});

for (const { name, definition, value, want = value } of [
  {
    name: 'a zero that somebody set',
    definition: 'io.k8s.api.apps.v1.RollingUpdateDeployment',
    value: { maxUnavailable: 0, maxSurge: '25%' },
  },
  {
    name: 'a zero of a port, which Go writes always',
    definition: 'io.k8s.api.core.v1.ServicePort',
    value: { port: 80, targetPort: 0 },
    want: { port: 80 },
  },
  { name: 'a false in place of a schema', definition: props, value: { additionalProperties: false, items: {} } },
  { name: 'embedded JSON', definition: 'io.k8s.api.apps.v1.ControllerRevision', value: { data: [], revision: 0 } },
  {
    name: 'structs in each other that JSON inlines',
    definition: 'io.k8s.api.admissionregistration.v1.NamedRuleWithOperations',
    value: { operations: ['*'], apiGroups: ['a'], resourceNames: ['n'], scope: '*' },
  },
])
  test(`${name}: told by its message`, () =>
    assert.equal(stable(protobuf.decodeMessage(protobuf.encodeMessage(value, definition), definition)), stable(want)));

test('numbers of a list may come in one part', () => {
  const definition = 'io.k8s.api.core.v1.PodSecurityContext';
  const packed = Buffer.from([0x22, 3, 1, 0x80, 1]);
  assert.deepEqual(protobuf.decodeMessage(packed, definition), { supplementalGroups: [1, 128] });
});

for (const { name, bytes, message } of [
  {
    name: 'JSON',
    bytes: Buffer.from('{}'),
    message: 'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]',
  },
  { name: 'half a message', bytes: [0x12, 4, 0x0a, 9, 0x0a, 1], message: 'unexpected EOF' },
  {
    name: 'a part beyond the part around it',
    bytes: [0x12, 6, 0x0a, 1, 0x0a, 2, 0x61, 0x62],
    message: 'unexpected EOF',
  },
  {
    name: 'a number that does not end',
    bytes: [0x12, ...Array<number>(11).fill(0xff)],
    message: 'proto: integer overflow',
  },
  {
    name: 'a part for a number',
    bytes: [0x12, 4, 0x0a, 2, 0x3a, 0],
    message: 'proto: wrong wireType = 2 for field Generation',
  },
  { name: 'a field without a number', bytes: [0x12, 2, 2, 0], message: 'proto: illegal tag 0 (wire type 2)' },
])
  test(`${name} is no message`, () => {
    const body = Array.isArray(bytes) ? Buffer.from([0x6b, 0x38, 0x73, 0, ...bytes]) : bytes;
    assert.throws(() => protobuf.decode(body, 'io.k8s.api.core.v1.ConfigMap'), { name: 'ProtobufError', message });
  });

test('any bytes are a message or refused, and a message within itself is refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        protobuf.decodeMessage(Buffer.from(bytes), 'io.k8s.api.core.v1.Pod');
      } catch (error) {
        assert.equal((error as Error).name, 'ProtobufError');
      }
    }),
    { numRuns: 2000 },
  );
});

test('schemas of schemas without end are refused', () => {
  const tag = Number(schema[props]!.fields!['not']!.pb) * 8 + 2;
  const varint = (value: number): number[] =>
    value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))];
  let message = Buffer.alloc(0);
  for (let depth = 0; depth < 5000; depth++)
    message = Buffer.concat([Buffer.from([...varint(tag), ...varint(message.length)]), message]);
  assert.throws(() => protobuf.decodeMessage(message, props), { name: 'ProtobufError', message: 'exceeded max depth' });
});

/** As text, members in order of their names. A list that is empty and one that is null are the same on this wire. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) => {
    if (Array.isArray(member)) return member.length === 0 ? null : member;
    if (typeof member !== 'object' || member === null || JSON.stringify(member)?.[0] !== '{') return member;
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
