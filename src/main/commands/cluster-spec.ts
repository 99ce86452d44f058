import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { reasonOf } from '../../base/node/system-error.ts';
import { defaultCluster } from '../../local/cluster-config.ts';
import { specForNodes, type ClusterSpec } from '../../local/cluster-spec.ts';
import { readKindConfig } from '../../local/kind-config.ts';
import { UserError } from '../../local/problem.ts';
import { readConfigurationFile } from '../api-configuration.ts';

export interface SpecFlags {
  readonly name?: string;
  readonly nodes?: number;
  readonly config?: string;
  /** A file of Kubernetes' own configuration kinds. */
  readonly apiConfig?: string;
  /** Of each node. */
  readonly cpus?: number;
  /** Of each node, in bytes. */
  readonly memory?: number;
  readonly allowExternalIps?: boolean;
}

/** A cluster that is wanted. */
export interface WantedCluster {
  readonly name: string;
  readonly spec?: ClusterSpec;
  /** Text of Kubernetes' own configuration kinds for the API server. */
  readonly apiConfig?: string;
}

/** Which cluster the flags of `up` mean, and what it should be if they say so. Flags come before what the file says. */
export async function specOf(flags: SpecFlags): Promise<WantedCluster> {
  const { name, nodes, config, cpus, memory, allowExternalIps } = flags;
  const api = flags.apiConfig === undefined ? {} : { apiConfig: (await readConfigurationFile(flags.apiConfig)).text };
  const resources = { ...(cpus !== undefined && { cpus }), ...(memory !== undefined && { memoryBytes: memory }) };
  const isBounded = Object.keys(resources).length > 0;
  const withFlags = (spec: ClusterSpec): ClusterSpec => ({
    ...spec,
    nodes: isBounded
      ? spec.nodes.map((node) => ({ ...node, resources: { ...node.resources, ...resources } }))
      : spec.nodes,
    ...(allowExternalIps === true && { admission: { ...spec.admission, allowExternalIps } }),
  });
  if (config === undefined) {
    const isAsked = nodes !== undefined || isBounded || allowExternalIps === true;
    return { name: name ?? defaultCluster, ...(isAsked && { spec: withFlags(specForNodes(nodes ?? 1)) }), ...api };
  }
  const file = readKindConfig(await read(config), config);
  const count = file.spec.nodes.length;
  if (nodes !== undefined && nodes !== count)
    throw new UserError(
      `Cannot make a cluster of --nodes ${nodes}: the nodes of configuration "${config}" are ${count}; leave out --nodes`,
    );
  return { name: name ?? file.name ?? defaultCluster, spec: withFlags(file.spec), ...api };
}

async function read(file: string): Promise<string> {
  if (file === '-') return await text(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new UserError(`Cannot read configuration "${file}": ${reasonOf(cause)}`, { cause });
  }
}
