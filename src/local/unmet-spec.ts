import { isDeepStrictEqual } from 'node:util';
import type { ClusterConfig, ClusterNode } from './cluster-config.ts';
import type { ClusterSpec, NodeSpec } from './cluster-spec.ts';
import { mebibytes } from './node-resources.ts';

/** What is asked for and a cluster that is there does not have, as part of a sentence; `undefined` when it has all. */
export function unmetSpec(
  { nodes, ranges, api, admission = {} }: Pick<ClusterConfig, 'nodes' | 'ranges' | 'api' | 'admission'>,
  spec: ClusterSpec,
): string | undefined {
  if (nodes.length !== spec.nodes.length)
    return `it has ${count(nodes.length)}, and ${spec.nodes.length} are asked for`;
  for (const [index, node] of nodes.entries()) {
    const field = unmetField(node, spec.nodes[index]!);
    if (field !== undefined) return `its node ${node.name} has ${field} than is asked for`;
  }
  for (const name of ['pods', 'services'] as const)
    if (spec[name] !== undefined && spec[name] !== ranges[name])
      return `its ${name} are in ${ranges[name]}, and ${spec[name]} is asked for`;
  if (spec.api !== undefined && !(api?.listen === spec.api.address && fitsPort(api.hostPort, spec.api.port)))
    return 'its API is not shown where it is asked for';
  if (spec.admission !== undefined && !isDeepStrictEqual(spec.admission, admission))
    return 'it admits other Services or pods than is asked for';
  return undefined;
}

function unmetField(node: ClusterNode, { role, labels, ports, resources }: NodeSpec): string | undefined {
  if (node.role !== role) return 'another role';
  if (labels !== undefined && !isDeepStrictEqual(node.labels, labels)) return 'other labels';
  if (resources?.cpus !== undefined && node.resources?.cpus !== resources.cpus)
    return `other CPUs (${node.resources?.cpus ?? 'all of the machine'})`;
  const memory = node.resources?.memoryBytes;
  if (resources?.memoryBytes !== undefined && memory !== resources.memoryBytes)
    return `other memory (${memory === undefined ? 'all of the machine' : mebibytes(memory)})`;
  const fits =
    ports === undefined ||
    (ports.length === node.ports.length &&
      ports.every(({ listen, hostPort, nodePort, protocol }, index) => {
        const port = node.ports[index]!;
        const isSame = port.listen === listen && port.nodePort === nodePort && port.protocol === protocol;
        return isSame && fitsPort(port.hostPort, hostPort);
      }));
  return fits ? undefined : 'other ports';
}

/** 0 is any. */
function fitsPort(port: number, wanted: number): boolean {
  return wanted === 0 || wanted === port;
}

function count(nodes: number): string {
  return nodes === 1 ? 'one node' : `${nodes} nodes`;
}
