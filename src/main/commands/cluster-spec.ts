import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { defaultCluster } from '../../local/cluster-config.ts';
import { specForNodes, type ClusterSpec } from '../../local/cluster-spec.ts';
import { readKindConfig } from '../../local/kind-config.ts';
import { UserError } from '../../local/problem.ts';

export interface SpecFlags {
  readonly name?: string;
  readonly nodes?: number;
  readonly config?: string;
}

/** Which cluster the flags of `up` mean, and what it should be if they say so. Flags come before what the file says. */
export async function specOf({ name, nodes, config }: SpecFlags): Promise<{ name: string; spec?: ClusterSpec }> {
  if (config === undefined)
    return { name: name ?? defaultCluster, ...(nodes !== undefined && { spec: specForNodes(nodes) }) };
  const file = readKindConfig(await read(config), config);
  const count = file.spec.nodes.length;
  if (nodes !== undefined && nodes !== count)
    throw new UserError(
      `Cannot make a cluster of --nodes ${nodes}: the nodes of configuration "${config}" are ${count}; leave out --nodes`,
    );
  return { name: name ?? file.name ?? defaultCluster, spec: file.spec };
}

async function read(file: string): Promise<string> {
  if (file === '-') return await text(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new UserError(`Cannot read configuration "${file}": ${(cause as Error).message}`, { cause });
  }
}
