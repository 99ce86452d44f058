import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaintsAbout } from '../../testing/definition.ts';
import { node } from './node.ts';

const ranges = (...podCIDRs: string[]) => ({ spec: { podCIDR: podCIDRs[0], podCIDRs } });
const features = (...declaredFeatures: string[]) => ({ status: { declaredFeatures } });
const form =
  "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes";
const twice = (text: string) => [text, text];

interface Row {
  readonly name: string;
  readonly object: object;
  readonly old?: object;
  readonly want: readonly string[];
}

const rows: readonly Row[] = [
  { name: 'nothing', object: {}, want: [] },
  {
    name: 'a range twice',
    object: ranges('10.0.0.0/24', '10.0.0.0/24'),
    want: [
      'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.0.0/24"]: may specify no more than one CIDR for each IP family',
      'spec.podCIDRs[1]: Duplicate value: "10.0.0.0/24"',
    ],
  },
  {
    name: 'a range twice in a change',
    old: ranges('10.0.0.0/24'),
    object: ranges('10.0.0.0/24', '10.0.0.0/24'),
    want: [
      'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.0.0/24"]: may specify no more than one CIDR for each IP family',
      'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
    ],
  },
  {
    name: 'a taint without an effect',
    object: { spec: { taints: [{ key: 'a', effect: '' }] } },
    want: ['metadata.taints[0].effect: Required value'],
  },
  {
    name: 'a taint without an effect in a change',
    old: {},
    object: { spec: { taints: [{ key: 'a', effect: '' }] } },
    want: twice('metadata.taints[0].effect: Required value'),
  },
  {
    name: 'a taint without an effect, and another id, in a change',
    old: {},
    object: { spec: { externalID: 'x', taints: [{ key: 'a', effect: '' }] } },
    want: [...twice('metadata.taints[0].effect: Required value'), 'spec.externalID: Forbidden: may not be updated'],
  },
  {
    name: 'swap of less than nothing',
    object: { status: { nodeInfo: { swap: { capacity: -1 } } } },
    want: ['metadata.nodeSwapStatus.capacity: Invalid value: -1: must be greater than zero'],
  },
  { name: 'swap', object: { status: { nodeInfo: { swap: { capacity: 1 } } } }, want: [] },
  { name: 'features', object: features('A', 'B/c'), want: [] },
  {
    name: 'features in disorder',
    object: features('B', 'A', 'A', 'a'),
    want: [
      'status.declaredFeatures[1]: Invalid value: "A": list must be sorted alphabetically',
      'status.declaredFeatures[2]: Duplicate value: "A"',
      `status.declaredFeatures[3]: Invalid value: "a": invalid feature name "a": ${form}`,
    ],
  },
];

for (const { name, object, old, want } of rows)
  test(`a node is checked: ${name}`, () => assert.deepEqual(complaintsAbout(node, object, old), want));
