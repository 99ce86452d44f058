import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaintsAbout, completed } from '../../testing/definition.ts';
import { networkPolicy } from './network-policy.ts';

const portField = 'spec.ingress[0].ports[0]';
const port = (one: object) => ({ spec: { ingress: [{ ports: [one] }] } });
const peer = (one: object) => ({ spec: { egress: [{ to: [one] }], policyTypes: ['Egress'] } });
const block = (cidr: string, ...except: string[]) => peer({ ipBlock: { cidr, except } });
const blockField = 'spec.egress[0].to[0].ipBlock';
const selector = { matchExpressions: [{ key: 'app', operator: 'Like' }] };
const rangeForm = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
const number = 'must be between 1 and 65535, inclusive';

for (const { name, object, old, want } of [
  { name: 'no spec at all', object: {}, want: [] },
  { name: 'a port by name', object: port({ port: 'http' }), want: [] },
  { name: 'a range of one port', object: port({ port: 80, endPort: 80 }), want: [] },
  { name: 'a peer by pod and namespace', object: peer({ podSelector: {}, namespaceSelector: {} }), want: [] },
  { name: 'a block with exceptions', object: block('10.0.0.0/8', '10.1.0.0/16', '10.2.3.4/32'), want: [] },
  { name: 'a block of IPv6', object: block('2001:db8::/32', '2001:db8:1::/48'), want: [] },
  {
    name: 'another protocol',
    object: port({ protocol: 'ICMP' }),
    want: [`${portField}.protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP"`],
  },
  { name: 'port 0', object: port({ port: 0 }), want: [`${portField}.port: Invalid value: 0: ${number}`] },
  {
    name: 'a name that is none',
    object: port({ port: 'http!' }),
    want: [
      `${portField}.port: Invalid value: "http!": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)`,
    ],
  },
  {
    name: 'a range that goes down and out',
    object: port({ port: 80, endPort: 0 }),
    want: [
      `${portField}.endPort: Invalid value: 80: must be greater than or equal to \`port\``,
      `${portField}.endPort: Invalid value: 0: ${number}`,
    ],
  },
  {
    name: 'a range that begins with a name',
    object: port({ port: 'http', endPort: 80 }),
    want: [`${portField}.endPort: Invalid value: 80: may not be specified when \`port\` is non-numeric`],
  },
  {
    name: 'a range without a beginning',
    object: port({ endPort: 80 }),
    want: [`${portField}.endPort: Invalid value: 80: may not be specified when \`port\` is not specified`],
  },
  { name: 'an empty peer', object: peer({}), want: ['spec.egress[0].to[0]: Required value: must specify a peer'] },
  {
    name: 'a block and another peer',
    object: peer({ podSelector: {}, ipBlock: { cidr: '10.0.0.0/8' } }),
    want: ['spec.egress[0].to[0]: Forbidden: may not specify both ipBlock and another peer'],
  },
  {
    name: 'selectors that are none',
    object: { spec: { podSelector: selector, ingress: [{ from: [{ namespaceSelector: selector }] }] } },
    want: ['spec.podSelector', 'spec.ingress[0].from[0].namespaceSelector'].map(
      (field) => `${field}.matchExpressions[0].operator: Invalid value: "Like": not a valid selector operator`,
    ),
  },
  { name: 'a block without a range', object: block(''), want: [`${blockField}.cidr: Required value`] },
  {
    name: 'a range that is none',
    object: block('10.0.0.300/8', 'x'),
    want: [`${blockField}.cidr: Invalid value: "10.0.0.300/8": ${rangeForm}`],
  },
  {
    name: 'exceptions that are none, outside, or all',
    object: block('10.0.0.0/8', 'x', '11.0.0.0/16', '10.0.0.0/8', '2001:db8::/32'),
    want: [
      `${blockField}.except[0]: Invalid value: "x": ${rangeForm}`,
      ...['11.0.0.0/16', '10.0.0.0/8', '2001:db8::/32'].map(
        (range, i) => `${blockField}.except[${i + 1}]: Invalid value: "${range}": must be a strict subset of \`cidr\``,
      ),
    ],
  },
  {
    name: 'a sloppy range',
    object: block('10.0.0.1/8'),
    want: [`${blockField}.cidr: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length`],
  },
  {
    name: 'a sloppy range that was there before, elsewhere',
    object: block('10.0.0.1/8'),
    old: { spec: { ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/7', except: ['10.0.0.1/8'] } }] }] } },
    want: [],
  },
  {
    name: 'another type',
    object: { spec: { policyTypes: ['Ingress', 'Sideways'] } },
    want: ['spec.policyTypes[1]: Unsupported value: "Sideways": supported values: "Ingress", "Egress"'],
  },
  {
    name: 'three types',
    object: { spec: { policyTypes: ['Ingress', 'Egress', 'Sideways'] } },
    want: [
      'spec.policyTypes: Invalid value: ["Ingress","Egress","Sideways"]: may not specify more than two policyTypes',
    ],
  },
])
  test(`of a network policy with ${name} is said what Kubernetes says`, () =>
    assert.deepEqual(complaintsAbout(networkPolicy, object, old), want));

for (const { name, spec, want } of [
  { name: 'nothing', spec: {}, want: { podSelector: {}, policyTypes: ['Ingress'] } },
  {
    name: 'no egress rule',
    spec: { egress: [], ingress: [{ ports: [{ port: 80 }] }] },
    want: {
      podSelector: {},
      egress: [],
      ingress: [{ ports: [{ port: 80, protocol: 'TCP' }] }],
      policyTypes: ['Ingress'],
    },
  },
  {
    name: 'an egress rule',
    spec: { podSelector: {}, egress: [{}] },
    want: { podSelector: {}, egress: [{}], policyTypes: ['Ingress', 'Egress'] },
  },
  {
    name: 'a type of its own',
    spec: { egress: [{ ports: [{ protocol: 'UDP' }] }], policyTypes: ['Egress'] },
    want: { podSelector: {}, egress: [{ ports: [{ protocol: 'UDP' }] }], policyTypes: ['Egress'] },
  },
])
  test(`a network policy with ${name} is completed`, () =>
    assert.deepEqual(completed(networkPolicy, { spec }).spec, want));

test('unusual ranges are warned about', () => {
  const warned = (cidr: string) => networkPolicy.strategy.warnings!(completed(networkPolicy, block(cidr)), undefined);
  assert.deepEqual(warned('10.0.0.0/8'), []);
  assert.deepEqual(warned('2001:db8:0::/32'), [
    `${blockField}.cidr: IPv6 CIDR value "2001:db8:0::/32" should be in RFC 5952 canonical format ("2001:db8::/32")`,
  ]);
  assert.deepEqual(warned('010.0.0.1/8'), [
    `${blockField}.cidr: CIDR value "010.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)`,
    `${blockField}.cidr: non-standard CIDR value "010.0.0.1/8" will be considered invalid in a future Kubernetes release: use "10.0.0.0/8"`,
  ]);
});
