import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseQuantity } from '../apimachinery/quantity.ts';
import { compileDeviceExpression, deviceMatches, deviceValue, type Attribute, type DeviceView } from './device.ts';

/** Estimated costs are those that Kubernetes 1.36 states for the same expressions. */
interface Row {
  readonly expression: string;
  readonly cost?: number;
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly capacity?: Readonly<Record<string, string>>;
  readonly isShared?: boolean;
  /** Absent: it is not evaluated. */
  readonly want?: boolean | string;
}

const domain = 'dra.example.com';
const attributes = `device.attributes["${domain}"]`;
const capacity = `device.capacity["${domain}"]`;
const digits = '[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]';
const nested = ['x', 'y', 'z', 'a', 'b', 'c', 'd'].reduceRight(
  (inner, name) => `${digits}.all(${name}, ${inner})`,
  "int('1'.find('[0-9]*')) < 100",
);

const rows: readonly Row[] = [
  { expression: 'true', cost: 0, want: true },
  {
    expression: '?!',
    want: "compilation failed: ERROR: <input>:1:1: Syntax error: extraneous input '?' expecting",
  },
  {
    expression: 'device.attributes',
    want: 'must evaluate to bool or the unknown type, not map(string, map(string, google.protobuf.Any))',
  },
  { expression: `${attributes}.x.y`, want: 'must evaluate to bool or the unknown type, not dyn' },
  {
    expression: `[${attributes}.x, 1] == []`,
    want: "compilation failed: ERROR: <input>:1:42: expected type 'any' but found 'int'",
  },
  {
    expression: 'cel.bind(1, 2, 3)',
    want: 'compilation failed: ERROR: <input>:1:10: cel.bind() variable names must be simple identifiers',
  },
  { expression: "int('x') == 1", want: "program instantiation failed: type conversion error from 'string' to 'int'" },
  { expression: '1', want: 'must evaluate to bool or the unknown type, not int' },
  {
    expression: 'device.attributes["none"].noSuchAttr.isGreaterThan(quantity("0"))',
    cost: 6,
    want: 'no such key: noSuchAttr',
  },
  { expression: '"none" in device.attributes', cost: 3, want: false },
  { expression: `"${domain}" in device.attributes`, attributes: { name: { bool: true } }, cost: 3, want: true },
  { expression: `device.driver == "${domain}"`, cost: 4, want: true },
  { expression: `${attributes}.name`, attributes: { name: { bool: true } }, cost: 4, want: true },
  { expression: `${attributes}["name"]`, attributes: { name: { bool: true } }, cost: 4, want: true },
  {
    expression: `cel.bind(dra, ${attributes}, dra.name)`,
    attributes: { name: { bool: true } },
    cost: 15,
    want: true,
  },
  {
    expression: 'device.attributes["other.example.com"].name',
    attributes: { 'other.example.com/name': { bool: true } },
    cost: 4,
    want: true,
  },
  { expression: `${attributes}.name > 0`, attributes: { name: { int: 1 } }, cost: 5, want: true },
  { expression: `${attributes}.name == "fish"`, attributes: { name: { string: 'fish' } }, cost: 5, want: true },
  {
    expression: `${attributes}.name`,
    attributes: { name: { int: 1 } },
    want: 'CEL result of type int could not be converted to bool',
  },
  {
    expression: `${attributes}.name.isGreaterThan(semver("0.0.1"))`,
    attributes: { name: { version: '1.0.0' } },
    cost: 6,
    want: true,
  },
  {
    expression: `${attributes}.name.isGreaterThan(semver("v0.0.1", true)) && isSemver("v1.0.0", true)`,
    attributes: { name: { version: '1.0.0' } },
    cost: 7,
    want: true,
  },
  {
    expression: 'true',
    attributes: { name: { version: '1' } },
    want: 'attribute name: parse semantic version: No Major.Minor.Patch elements found',
  },
  { expression: `${capacity}.name.isGreaterThan(quantity("1Ki"))`, capacity: { name: '1Mi' }, cost: 6, want: true },
  {
    expression: `"name" in ${capacity} && ${capacity}.name.isGreaterThan(quantity("1Ki"))`,
    capacity: { name: '1Mi' },
    cost: 10,
    want: true,
  },
  {
    expression: `!("name" in ${capacity}) || ${capacity}.name.isGreaterThan(quantity("1Ki"))`,
    cost: 11,
    want: true,
  },
  {
    expression: `device.attributes.exists_one(x, x == "${domain}")`,
    attributes: { services: { string: 'some' } },
    cost: 164,
    want: true,
  },
  {
    expression: `${attributes}.exists_one(x, x == "services")`,
    attributes: { services: { string: 'some' } },
    cost: 133,
    want: true,
  },
  {
    expression: `${attributes}.services.split("example").size() >= 2`,
    attributes: { services: { string: 'some_example_value' } },
    cost: 19,
    want: true,
  },
  {
    expression: `${attributes}.services.matches("[^a]?sym")`,
    attributes: { services: { string: 'asymetric' } },
    cost: 18,
    want: true,
  },
  {
    expression: `${capacity}.exists_one(x, x == "memory")`,
    capacity: { memory: '1Mi' },
    cost: 133,
    want: true,
  },
  { expression: nested, cost: 85555551 },
  { expression: 'device.allowMultipleAllocations == true', isShared: true, cost: 3, want: true },
  { expression: 'device.allowMultipleAllocations == false', cost: 3, want: true },
  {
    expression: `${attributes}.name.exists(x, x > 0)`,
    want: "compilation failed: ERROR: <input>:1:37: expression of type 'any' cannot be range of a comprehension (must be list, map, or dynamic)",
  },
];

for (const { expression, cost, attributes: values = {}, capacity: amounts = {}, isShared = false, want } of rows)
  test(`of a device: ${expression.slice(0, 90)} is ${want}`, () => {
    const compiled = compileDeviceExpression(expression);
    if ('problem' in compiled) return assert.ok(compiled.problem.startsWith(String(want)), compiled.problem);
    if (cost !== undefined) assert.equal(compiled.mostCost, cost);
    if (want === undefined) return;
    const view: DeviceView = {
      driver: domain,
      allowMultipleAllocations: isShared,
      attributes: values,
      capacity: Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, parseQuantity(amount)])),
    };
    const value = deviceValue(view);
    const answer = 'problem' in value ? value : deviceMatches(compiled, value);
    assert.equal('problem' in answer ? answer.problem : answer.matches, want);
  });
