import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readKindConfig } from './kind-config.ts';
import { UserError } from './problem.ts';

const head = 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n';

test('a file that says nothing asks for a control plane', () => {
  assert.deepEqual(readKindConfig(head, 'f'), { spec: { nodes: [{ role: 'control-plane', labels: {}, ports: [] }] } });
});

test('nodes, labels, ports and networks are asked for', () => {
  const file = `${head}
name: dev
nodes:
- role: worker
  labels: { tier: front }
- role: control-plane
  extraPortMappings:
  - { containerPort: 30080, hostPort: 8080 }
  - { containerPort: 53, listenAddress: 127.0.0.1, protocol: UDP }
networking:
  podSubnet: 10.7.0.0/16
  serviceSubnet: 10.8.0.0/16
  apiServerPort: 7443
  ipFamily: ipv4
  disableDefaultCNI: false
`;
  const field = 'nodes[1].extraPortMappings';
  assert.deepEqual(readKindConfig(file, 'f'), {
    name: 'dev',
    spec: {
      nodes: [
        {
          role: 'control-plane',
          labels: {},
          ports: [
            { listen: '0.0.0.0', hostPort: 8080, nodePort: 30080, protocol: 'TCP', field: `${field}[0].hostPort` },
            { listen: '127.0.0.1', hostPort: 0, nodePort: 53, protocol: 'UDP', field: `${field}[1].hostPort` },
          ],
        },
        { role: 'worker', labels: { tier: 'front' }, ports: [] },
      ],
      pods: '10.7.0.0/16',
      services: '10.8.0.0/16',
      api: { address: '127.0.0.1', port: 7443 },
    },
  });
});

const nodes = (yaml: string): string => `${head}nodes:\n${yaml}`;
for (const { what, file, says } of [
  { what: 'broken YAML', file: 'kind: [', says: /it is no YAML: .*\(1:8\)/ },
  { what: 'a text', file: 'hello', says: /the file: must hold fields with values, and is "hello"/ },
  { what: 'an empty file', file: '', says: /the file: must hold fields with values, and is null/ },
  { what: 'another kind', file: head.replace('Cluster', 'Pod'), says: /kind: must be Cluster, and is "Pod"/ },
  {
    what: 'no apiVersion',
    file: 'kind: Cluster',
    says: /apiVersion: must be kind.x-k8s.io\/v1alpha4, and is not there/,
  },
  { what: 'an old apiVersion', file: head.replace('4', '3'), says: /apiVersion: must be .*4, and is ".*v1alpha3"/ },
  { what: 'an unknown field', file: `${head}colour: red`, says: /colour: there is no such field; there are kind, / },
  { what: 'a field of every object', file: `${head}toString: x`, says: /toString: there is no such field/ },
  { what: 'a bad name', file: `${head}name: A_B`, says: /name: must consist of lower case .*, and is "A_B"/ },
  { what: 'nodes that are no list', file: `${head}nodes: 3`, says: /nodes: must be a list, and is 3/ },
  {
    what: 'an unknown role',
    file: nodes('- role: boss'),
    says: /nodes\[0\]\.role: must be control-plane or worker, and is "boss"/,
  },
  {
    what: 'workers alone',
    file: nodes('- role: worker'),
    says: /nodes: one must have the role control-plane, and none has/,
  },
  {
    what: 'two control planes',
    file: nodes('- {}\n- {}'),
    says: /nodes: only one can have the role control-plane so far, and 2 have/,
  },
  {
    what: 'an image',
    file: nodes('- image: kindest/node'),
    says: /nodes\[0\]\.image: is not supported: nodes are made of this machine/,
  },
  {
    what: 'memory that is no quantity',
    file: nodes('- resources: { cpu: 2, memory: 2 GB }'),
    says: /nodes\[0\]\.resources\.memory: (quantities must|unable to parse).*, and is "2 GB"/,
  },
  { what: 'mounts', file: nodes('- extraMounts: []'), says: /nodes\[0\]\.extraMounts: is not supported/ },
  {
    what: 'a bad label',
    file: nodes('- labels: { "a b": x }'),
    says: /nodes\[0\]\.labels: has the key "a b", and name part must/,
  },
  {
    what: 'a number as a label',
    file: nodes('- labels: { a: 1 }'),
    says: /nodes\[0\]\.labels\.a: must be a text, and is 1/,
  },
  {
    what: 'a port that is none',
    file: nodes('- extraPortMappings: [{ containerPort: 80, hostPort: 70000 }]'),
    says: /nodes\[0\]\.extraPortMappings\[0\]\.hostPort: must be a whole number from -1 to 65535, and is 70000/,
  },
  {
    what: 'a mapping to no port',
    file: nodes('- extraPortMappings: [{ hostPort: 80 }]'),
    says: /nodes\[0\]\.extraPortMappings\[0\]\.containerPort: must be .*, and is not there/,
  },
  {
    what: 'a protocol that is not there',
    file: nodes('- extraPortMappings: [{ containerPort: 80, protocol: SCTP }]'),
    says: /extraPortMappings\[0\]\.protocol: must be TCP or UDP, and is "SCTP"/,
  },
  {
    what: 'an IPv6 address',
    file: nodes('- extraPortMappings: [{ containerPort: 80, listenAddress: "::1" }]'),
    says: /extraPortMappings\[0\]\.listenAddress: must be an IPv4 address, and is "::1"/,
  },
  { what: 'feature gates', file: `${head}featureGates: { A: true }`, says: /featureGates: is not supported/ },
  {
    what: 'patches',
    file: `${head}kubeadmConfigPatches: []`,
    says: /kubeadmConfigPatches: is not supported: Kubeling has no kubeadm/,
  },
  {
    what: 'another IP family',
    file: `${head}networking: { ipFamily: dual }`,
    says: /networking\.ipFamily: is not supported: only ipv4 is/,
  },
  {
    what: 'another proxy',
    file: `${head}networking: { kubeProxyMode: none }`,
    says: /networking\.kubeProxyMode: is not supported/,
  },
  {
    what: 'a pod network that is too small',
    file: `${head}networking: { podSubnet: 10.7.0.0/24 }\nnodes: [{}, { role: worker }]`,
    says: /networking\.podSubnet: must have a \/24 for each of 2 nodes, and is 10\.7\.0\.0\/24/,
  },
  {
    what: 'networks that overlap',
    file: `${head}networking: { podSubnet: 10.7.0.0/16, serviceSubnet: 10.7.8.0/24 }`,
    says: /networking\.serviceSubnet: must not overlap podSubnet 10\.7\.0\.0\/16, and is 10\.7\.8\.0\/24/,
  },
  {
    what: 'no network',
    file: `${head}networking: { podSubnet: fd00::/64 }`,
    says: /networking\.podSubnet: must be one IPv4 range/,
  },
] satisfies { what: string; file: string; says: RegExp }[])
  test(`${what} is refused`, () =>
    assert.throws(
      () => readKindConfig(file, 'f.yaml'),
      (error) => error instanceof UserError && error.message.includes('"f.yaml"') && says.test(error.message),
    ));

test('a role that is none is told of alone', () => {
  const file = nodes('- role: control-plane\n- role: wroker');
  assert.throws(() => readKindConfig(file, 'f'), {
    message: 'Cannot use configuration "f":\n  nodes[1].role: must be control-plane or worker, and is "wroker"',
  });
});

test('resources are quantities', () => {
  const { nodes: read } = readKindConfig(
    nodes('- resources: { cpu: 1500m, memory: 2Gi }\n- { role: worker, resources: { cpu: 2 } }'),
    'f',
  ).spec;
  assert.deepEqual(
    read.map(({ resources }) => resources),
    [{ cpus: 1.5, memoryBytes: 2 ** 31 }, { cpus: 2 }],
  );
});

test('what is admitted is asked for in the words of Kubernetes', () => {
  const file = `${head}
admission:
  allowExternalIPs: true
  podSecurity:
    defaults: { enforce: baseline, enforce-version: v1.30, warn: restricted, warn-version: latest }
    exemptions: { namespaces: [monitoring], usernames: ['system:a'] }
`;
  assert.deepEqual(readKindConfig(file, 'f').spec.admission, {
    allowExternalIps: true,
    podSecurity: {
      defaults: {
        enforce: { level: 'baseline', minor: 30 },
        audit: { level: 'privileged' },
        warn: { level: 'restricted' },
      },
      exemptNamespaces: ['monitoring'],
      exemptUsers: ['system:a'],
    },
  });
});

for (const [what, admission, says] of [
  ['no level', 'podSecurity: { defaults: { enforce: strict } }', 'podSecurity.defaults.enforce: must be privileged or'],
  ['no version', 'podSecurity: { defaults: { audit-version: "1.3" } }', 'audit-version: must be latest or a version'],
  ['no name', 'podSecurity: { exemptions: { namespaces: [A] } }', 'podSecurity.exemptions.namespaces[0]: '],
  ['a question', 'allowExternalIPs: maybe', 'allowExternalIPs: must be true or false, and is "maybe"'],
] as const)
  test(`what is admitted by ${what} is refused`, () =>
    assert.throws(
      () => readKindConfig(`${head}admission: { ${admission} }`, 'f'),
      ({ message }: Error) => message.includes(`admission.`) && message.includes(says),
    ));

test('everything that is wrong is said at once', () => {
  const file = nodes('- { role: boss, image: x }\n- { role: worker, extraMounts: [] }');
  assert.throws(
    () => readKindConfig(file, 'f'),
    ({ message }: Error) => message.split('\n').length === 4,
  );
});
