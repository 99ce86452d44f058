import { load, YAMLException } from 'js-yaml';
import { labelValueText, qualifiedName } from '../apimachinery/names.ts';
import { quantityComplaint } from '../apimachinery/quantity.ts';
import { admissionSettings, type AdmissionSettings } from './admission-settings.ts';
import { cidr, overlap, parseCidr } from './cidr.ts';
import { nameProblem } from './cluster-config.ts';
import type { ClusterSpec, NodeRole, NodeSpec, PortRequest } from './cluster-spec.ts';
import { fields, Findings, integer, list, oneOf, text, textMap, unsupported, type Reader } from './config-reader.ts';
import { memoryOfQuantity, parseCpus } from './node-resources.ts';
import { UserError } from './problem.ts';

/** What a configuration file of kind asks for. */
export interface KindConfig {
  readonly name?: string;
  readonly spec: ClusterSpec;
}

interface Mapping {
  containerPort: number;
  hostPort: number;
  listenAddress: string;
  protocol: 'TCP' | 'UDP';
}

interface Node {
  role: NodeRole;
  labels: Record<string, string>;
  extraPortMappings: Partial<Mapping>[];
  /** Of Kubeling, not of kind. */
  resources: Partial<Resources>;
}

/** Quantities. */
interface Resources {
  cpu: string | number;
  memory: string | number;
}

interface Networking {
  podSubnet: string;
  serviceSubnet: string;
  apiServerAddress: string;
  apiServerPort: number;
}

interface Cluster {
  kind: 'Cluster';
  apiVersion: 'kind.x-k8s.io/v1alpha4';
  name: string;
  nodes: Partial<Node>[];
  networking: Partial<Networking>;
  /** Of Kubeling, not of kind. */
  admission: AdmissionSettings;
}

const ipv4Address = text((value) =>
  parseCidr(value)?.prefix === 32 && !value.includes('/') ? [] : ['must be an IPv4 address'],
);
const smallestPods = 24;
const smallestServices = 28;
const largest = 8;

function range(smallest: number) {
  return text((value) => {
    const parsed = value.includes('/') ? parseCidr(value) : undefined;
    const fits = parsed !== undefined && parsed.prefix >= largest && parsed.prefix <= smallest;
    return fits ? [] : [`must be one IPv4 range with a prefix from /${largest} to /${smallest}`];
  });
}

const patches = unsupported('Kubeling has no kubeadm');
const mapping = fields<Mapping>({
  containerPort: integer(1, 65535),
  hostPort: integer(-1, 65535),
  listenAddress: ipv4Address,
  protocol: oneOf('TCP', 'UDP'),
});
const quantity: Reader<string | number> = (value, path, findings) =>
  typeof value === 'number'
    ? value
    : text((given) => [quantityComplaint(given)].filter((one) => one !== undefined))(value, path, findings);
const node = fields<Node>(
  {
    role: oneOf('control-plane', 'worker'),
    labels: textMap(qualifiedName, labelValueText),
    extraPortMappings: list(mapping),
    resources: fields<Resources>({ cpu: quantity, memory: quantity }),
  },
  {
    image: unsupported('nodes are made of this machine, not of an image'),
    extraMounts: unsupported('nodes see the files of this machine as they are; mount them there'),
    kubeadmConfigPatches: patches,
    kubeadmConfigPatchesJSON6902: patches,
  },
);
const networking = fields<Networking>(
  {
    podSubnet: range(smallestPods),
    serviceSubnet: range(smallestServices),
    apiServerAddress: ipv4Address,
    apiServerPort: integer(-1, 65535),
  },
  {
    ipFamily: unsupported('only ipv4 is', 'ipv4'),
    disableDefaultCNI: unsupported('the pod network is part of Kubeling', false),
    kubeProxyMode: unsupported('only nftables is', 'nftables'),
    dnsSearch: unsupported('nodes use the name servers and search domains of this machine'),
  },
);
const containerdPatches = unsupported("containerd's configuration is Kubeling's own");
const cluster = fields<Cluster>(
  {
    kind: oneOf('Cluster'),
    apiVersion: oneOf('kind.x-k8s.io/v1alpha4'),
    name: text((value) => [nameProblem(value)].filter((problem) => problem !== undefined)),
    nodes: list(node),
    networking,
    admission: admissionSettings,
  },
  {
    featureGates: unsupported('features are as Kubernetes 1.36 has them by default'),
    runtimeConfig: unsupported('the served APIs are fixed'),
    kubeadmConfigPatches: patches,
    kubeadmConfigPatchesJSON6902: patches,
    containerdConfigPatches: containerdPatches,
    containerdConfigPatchesJSON6902: containerdPatches,
  },
);

/**
 * Reads a configuration of kind. Throws {@link UserError} that names every field that is wrong or not supported; `file`
 * is its name.
 */
export function readKindConfig(content: string, file: string): KindConfig {
  const findings = new Findings();
  const read = cluster(parse(content, file), '', findings) ?? {};
  for (const field of ['kind', 'apiVersion'] as const)
    if (read[field] === undefined && !findings.problems.some((problem) => problem.startsWith(field)))
      findings.add(field, `must be ${field === 'kind' ? 'Cluster' : 'kind.x-k8s.io/v1alpha4'}, and is not there`);
  const spec = specOf(read, findings);
  if (findings.problems.length > 0)
    throw new UserError(
      `Cannot use configuration "${file}":\n${findings.problems.map((one) => `  ${one}`).join('\n')}`,
    );
  return { ...(read.name !== undefined && { name: read.name }), spec };
}

function parse(content: string, file: string): unknown {
  try {
    return content.trim() === '' ? null : load(content);
  } catch (cause) {
    if (!(cause instanceof YAMLException)) throw cause;
    throw new UserError(
      `Cannot use configuration "${file}": it is no YAML: ${cause.toString(true).replace(/^\w+: /, '')}`,
      { cause },
    );
  }
}

function specOf(
  { nodes: given = [], networking: network = {}, admission }: Partial<Cluster>,
  findings: Findings,
): ClusterSpec {
  const areRolesRead = findings.problems.every((problem) => !/^nodes\[\d+\]\.role:/.test(problem));
  const nodes = (given.length === 0 ? [{}] : given).map((one, index) => nodeSpec(one, `nodes[${index}]`, findings));
  // Of a role that is none, only that is told.
  const controlPlanes = areRolesRead ? nodes.filter(({ role }) => role === 'control-plane').length : 1;
  if (controlPlanes === 0) findings.add('nodes', 'one must have the role control-plane, and none has');
  if (controlPlanes > 1)
    findings.add('nodes', `only one can have the role control-plane so far, and ${controlPlanes} have`);
  const { podSubnet: pods, serviceSubnet: services, apiServerAddress, apiServerPort } = network;
  if (pods !== undefined && services !== undefined && overlap(cidr(pods), cidr(services)))
    findings.add('networking.serviceSubnet', `must not overlap podSubnet ${pods}, and is ${services}`);
  if (pods !== undefined && nodes.length > 2 ** (24 - cidr(pods).prefix))
    findings.add('networking.podSubnet', `must have a /24 for each of ${nodes.length} nodes, and is ${pods}`);
  const api =
    apiServerAddress === undefined && apiServerPort === undefined
      ? undefined
      : { address: apiServerAddress ?? '127.0.0.1', port: Math.max(0, apiServerPort ?? 0) };
  return {
    nodes: nodes.toSorted((a, b) => Number(a.role === 'worker') - Number(b.role === 'worker')),
    ...(pods !== undefined && { pods }),
    ...(services !== undefined && { services }),
    ...(api !== undefined && { api }),
    ...(admission !== undefined && { admission }),
  };
}

function nodeSpec(
  { role = 'control-plane', labels = {}, extraPortMappings = [], resources }: Partial<Node>,
  path: string,
  findings: Findings,
): NodeSpec {
  const ports = extraPortMappings.map(
    ({ containerPort, hostPort = 0, listenAddress = '0.0.0.0', protocol = 'TCP' }, index): PortRequest => {
      const at = `${path}.extraPortMappings[${index}]`;
      if (containerPort === undefined && !findings.problems.some((one) => one.startsWith(`${at}.containerPort`)))
        findings.add(`${at}.containerPort`, 'must be a whole number from 1 to 65535, and is not there');
      const nodePort = containerPort ?? 0;
      return { listen: listenAddress, hostPort: Math.max(0, hostPort), nodePort, protocol, field: `${at}.hostPort` };
    },
  );
  const { cpu, memory } = resources ?? {};
  const cpus = cpu === undefined ? undefined : parseCpus(String(cpu));
  const memoryBytes = memory === undefined ? undefined : memoryOfQuantity(String(memory));
  return {
    role,
    labels,
    ports,
    ...(resources !== undefined && {
      resources: { ...(cpus !== undefined && { cpus }), ...(memoryBytes !== undefined && { memoryBytes }) },
    }),
  };
}
