import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { structureOf } from '../structure.ts';
import { complaintsAbout } from './complaints.ts';
import {
  cannotBeHandled,
  decodeJson,
  decodeValue,
  decodeYaml,
  patchCannotBeApplied,
  strictDecodingError,
} from './decode.ts';
import { parseJson } from './parse-json.ts';
import { notConvertible } from './decode-error.ts';
import { applySchemaDefaults } from './structural-defaults.ts';
import { testSchema } from '../test-schema.ts';

const pod = structureOf(testSchema, 'Pod');
const spec = structureOf(testSchema, 'PodSpec');

test('members that are always written are there, empty', () => {
  assert.deepEqual(decodeJson('{}', pod).value, { metadata: {}, spec: { containers: null }, status: {} });
  assert.deepEqual(decodeJson('{"containers":[{}]}', spec).value, { containers: [{ name: '', resources: {} }] });
  const { value } = decodeJson('{"conditions":[{"type":"Ready"}]}', structureOf(testSchema, 'PodStatus'));
  assert.deepEqual(value, { conditions: [{ type: 'Ready', status: '', lastProbeTime: null }] });
});

for (const { name, text, kept } of [
  { name: 'null means not set', text: '{"replicas":null,"selector":null}', kept: {} },
  { name: 'a zero that may be set stays', text: '{"replicas":0}', kept: { replicas: 0 } },
  { name: 'a zero that means nothing goes', text: '{"hostNetwork":false}', kept: {} },
  { name: 'empty lists and maps go', text: '{"tolerations":[],"selector":{}}', kept: {} },
  { name: 'an empty object stays', text: '{"rolling":{}}', kept: { rolling: {} } },
  { name: 'null in a map of texts is an empty text', text: '{"selector":{"a":null}}', kept: { selector: { a: '' } } },
  { name: 'null in a list of objects is an empty object', text: '{"tolerations":[null]}', kept: { tolerations: [{}] } },
  {
    name: 'a number or a text where either may be',
    text: '{"rolling":{"surge":"25%"}}',
    kept: { rolling: { surge: '25%' } },
  },
  { name: 'line breaks in base64 go', text: '{"secret":{"a":"aGVs\\nbG8="}}', kept: { secret: { a: 'aGVsbG8=' } } },
])
  test(name, () => assert.deepEqual(decodeJson(text, spec), { value: { ...kept, containers: null }, complaints: [] }));

test('quantities and times are brought into their normal form', () => {
  const container = structureOf(testSchema, 'Container');
  assert.deepEqual(decodeJson('{"limits":{"cpu":0.5,"memory":"1024Ki"}}', container).value['limits'], {
    cpu: '500m',
    memory: '1Mi',
  });
  const meta = structureOf(testSchema, 'Meta');
  assert.deepEqual(decodeJson('{"creationTimestamp":"2024-01-01T02:00:00.5+02:00"}', meta).value, {
    creationTimestamp: '2024-01-01T00:00:00Z',
  });
});

for (const [text, message] of [
  [
    '{"spec":{"replicas":"3"}}',
    'json: cannot unmarshal string into Go struct field PodSpec.spec.replicas of type int32',
  ],
  [
    '{"spec":{"replicas":3000000000}}',
    'json: cannot unmarshal number 3000000000 into Go struct field PodSpec.spec.replicas of type int32',
  ],
  [
    '{"spec":{"deadline":1.5}}',
    'json: cannot unmarshal number 1.5 into Go struct field PodSpec.spec.deadline of type int64',
  ],
  [
    '{"spec":{"containers":{}}}',
    'json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container',
  ],
  [
    '{"spec":{"containers":[{"args":"x"}]}}',
    'json: cannot unmarshal string into Go struct field Container.spec.containers.args of type []string',
  ],
  [
    '{"metadata":{"labels":{"a":1}}}',
    'json: cannot unmarshal number into Go struct field Meta.metadata.labels of type string',
  ],
  [
    '{"metadata":{"labels":{"a":1.5}}}',
    'json: cannot unmarshal number into Go struct field Meta.metadata.labels of type string',
  ],
  [
    '{"metadata":{"labels":["a"]}}',
    'json: cannot unmarshal array into Go struct field Meta.metadata.labels of type map[string]string',
  ],
  [
    '{"spec":{"hostNetwork":"yes"}}',
    'json: cannot unmarshal string into Go struct field PodSpec.spec.hostNetwork of type bool',
  ],
  [
    '{"spec":{"containers":[{"limits":{"cpu":"1GB"}}]}}',
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  ],
  ['{"spec":{"rolling":{"surge":true}}}', 'json: cannot unmarshal bool into Go value of type int32'],
  ['{"spec":{"secret":{"a":"no!"}}}', 'illegal base64 data at input byte 2'],
  [
    '{"metadata":{"creationTimestamp":"x"}}',
    'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"',
  ],
  ['[]', 'json: cannot unmarshal array into Go value of type v1.Pod'],
  ['', 'unexpected end of JSON input'],
  ['x', "invalid character 'x' looking for beginning of value"],
] as const)
  test(`${text} is refused`, () => assert.throws(() => decodeJson(text, pod), { name: 'DecodeError', message }));

const int64 = (number: string) =>
  `json: cannot unmarshal number ${number} into Go struct field PodSpec.spec.deadline of type int64`;
for (const number of ['9223372036854775808', '-9223372036854775809', '1e3', '5.0', '1e400'])
  test(`${number} is no int64`, () =>
    assert.throws(() => decodeJson(`{"spec":{"deadline":${number}}}`, pod), { message: int64(number) }));

test('an int64 is kept to the last digit, and in YAML too', () => {
  for (const number of ['9223372036854775807', '-9223372036854775808', '9007199254740993', '36028797018963970']) {
    const kept = (value: unknown) => JSON.stringify((value as { spec: { deadline: unknown } }).spec.deadline);
    assert.equal(kept(decodeJson(`{"spec":{"deadline":${number}}}`, pod).value), number);
    assert.equal(kept(decodeYaml(`spec: {deadline: ${number}}`, pod).value), number);
  }
});

for (const [value, message] of [
  [{ spec: { replicas: '3' } }, 'unrecognized type: int32'],
  [{ spec: { replicas: true } }, 'unrecognized type: int32'],
  [{ spec: { replicas: [] } }, 'unrecognized type: int32'],
  [{ spec: { replicas: 1.5 } }, 'cannot convert float64 to int32'],
  [{ spec: { hostNetwork: 1 } }, 'unrecognized type: bool'],
  [{ spec: 'x' }, 'cannot restore struct from: string'],
  [{ spec: { containers: {} } }, 'cannot restore slice from map'],
  [{ spec: { containers: [{ args: 'x' }] } }, 'cannot restore slice from string'],
  [{ spec: { secret: { a: 1 } } }, 'cannot restore slice from int64'],
  [{ metadata: { labels: { a: 1 } } }, 'cannot convert int64 to string'],
  [{ metadata: { labels: { a: true } } }, 'unrecognized type: string'],
  [{ metadata: { labels: 'a' } }, 'cannot restore map from string'],
  [{ spec: { rolling: { surge: true } } }, 'json: cannot unmarshal bool into Go value of type int32'],
] as const)
  test(`${JSON.stringify(value)}, parsed already, is refused`, () =>
    assert.throws(() => decodeValue(structuredClone(value), pod, { complain: notConvertible }), {
      name: 'DecodeError',
      message,
    }));

test('unknown and repeated members are told in the order of the text, and dropped', () => {
  const text =
    '{"metadata":{"name":"odd","lables":{"a":"b"}},"spec":{"containers":[{"name":"a","name":"b","imagePullpolicy":"x"}],"count":3},"spec":{}}';
  assert.deepEqual(decodeJson(text, pod), {
    value: { metadata: { name: 'odd' }, spec: { containers: null }, status: {} },
    complaints: [
      'unknown field "metadata.lables"',
      'duplicate field "spec.containers[0].name"',
      'duplicate field "spec"',
    ],
  });
  assert.deepEqual(decodeJson('{"x":1,"metadata":{"labels":{"a":"1","a":"2"}}}', pod).complaints, [
    'unknown field "x"',
    'duplicate field "metadata.labels.a"',
  ]);
  assert.deepEqual(decodeJson('{"kind":"a","kind":"b"}', pod, { findRepeated: false }).complaints, []);
});

test('repeated members are found whatever they are written with', () => {
  const text =
    '{ "spec" :\r\n\t{"count" : -1.5e3 , "c\\u006funt" : true,"a\\"b":null, "a\\"b" : [ ]} , "spec": {"replicas":2 }\n}';
  assert.deepEqual(decodeJson(text, pod).complaints, [
    'duplicate field "spec.count"',
    'duplicate field "spec.a\\"b"',
    'duplicate field "spec"',
  ]);
});

test('what is kept stays in its order around what is dropped', () => {
  const text = '{"replicas":1,"b":2,"selector":{"a":null},"hostNetwork":false,"c":3,"containers":[{"name":"a","x":1}]}';
  const { value, complaints } = decodeJson(text, spec);
  assert.equal(JSON.stringify(value), '{"replicas":1,"selector":{"a":""},"containers":[{"name":"a","resources":{}}]}');
  assert.deepEqual(complaints, ['unknown field "b"', 'unknown field "c"', 'unknown field "containers[0].x"']);
});

test('YAML complains about repeated keys by their line', () => {
  const { value, complaints } = decodeYaml('kind: Pod\nspec:\n  replicas: 1\n  replicas: 2\n  odd: x\n', pod);
  assert.deepEqual(complaints, ['line 4: key "replicas" already set in map', 'unknown field "spec.odd"']);
  assert.deepEqual(value['spec'], { replicas: 2, containers: null });
});

test('refusals are worded as a client expects them', () => {
  const why = strictDecodingError(['unknown field "a"', 'duplicate field "b"']);
  assert.equal(
    cannotBeHandled({ kind: 'Pod', version: 'v1' }, why).message,
    'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "a", duplicate field "b"',
  );
  const { status } = patchCannotBeApplied('map[a:1]', why);
  assert.equal(status.code, 422);
  assert.equal(status.message, ` "" is invalid: patch: Invalid value: "map[a:1]": ${why}`);
  assert.deepEqual(Object.keys(status.details!), ['causes']);
});

test('only defaults that are values are filled in', () => {
  const value = { containers: [{ name: 'a', ports: [{ port: 1 }, { port: 2, protocol: 'UDP' }, {}] }] };
  applySchemaDefaults(value, spec);
  assert.deepEqual(value, {
    containers: [
      { name: 'a', ports: [{ port: 1, protocol: 'TCP' }, { port: 2, protocol: 'UDP' }, { protocol: 'TCP' }] },
    ],
  });
});

test('a decoded object decodes to itself', () => {
  const json = fc.jsonValue({ maxDepth: 4 });
  const objects = fc.record(
    {
      metadata: fc.record(
        { name: fc.string(), labels: fc.dictionary(fc.string(), fc.string()), odd: json },
        { requiredKeys: [] },
      ),
      spec: fc.record({ replicas: fc.integer({ min: 0, max: 9 }), selector: fc.constant(null) }, { requiredKeys: [] }),
      extra: json,
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(objects, (object) => {
      const { value, complaints } = decodeJson(JSON.stringify(object), pod);
      assert.equal(
        complaints.length,
        ('extra' in object ? 1 : 0) + (object.metadata && 'odd' in object.metadata ? 1 : 0),
      );
      assert.deepEqual(decodeJson(JSON.stringify(value), pod), { value, complaints: [] });
    }),
  );
  assert.deepEqual(parseJson('{"a":"\\"x\\\\"}'), { a: '"x\\' });
});

test('what is odd below a long key is told without all of it', () => {
  const begin = `duplicate field "metadata.labels.${'k'.repeat(1008)}…`;
  const text = `{"metadata":{"labels":{"${'k'.repeat(100_000)}":{"a":1,"a":2,"b":[{"c":1,"c":2}]}}}}`;
  assert.deepEqual(complaintsAbout(text, undefined), [
    `${begin} (100018 characters)"`,
    `${begin} (100023 characters)"`,
  ]);
});
