import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/base/system-clock.ts';
import { connectCri } from '../../src/kubelet/runtime/cri/cri-runtime.ts';
import type { ContainerRuntime } from '../../src/kubelet/runtime/runtime.ts';
import { cniBinaries, containerdVersion, prepareContainerd } from '../../src/local/containerd.ts';
import { loadPauseImage } from '../../src/local/images.ts';
import {
  chooseRanges,
  hostNames,
  nodeAddress,
  type ClusterRanges,
  type HostNames,
} from '../../src/local/network-plan.ts';
import { inside, makeHostNetwork, makeNodeNetwork, takenRanges } from '../../src/local/network.ts';
import { clusterPaths, nodePaths, type ClusterPaths, type NodePaths } from '../../src/local/paths.ts';
import { keepAlive } from '../../src/main/keep-alive.ts';
import { guard } from '../kit/guard.ts';
import { removeRemains, testCgroup, type Remains } from '../kit/remains.ts';

/** A containerd in a network namespace of its own, as a node has it, for one test file. */
export interface RealNode extends AsyncDisposable {
  readonly runtime: ContainerRuntime;
  readonly paths: NodePaths;
  readonly ranges: ClusterRanges;
  readonly address: string;
  readonly folder: string;
  readonly cgroup: string;
  /** Starts containerd again after it was killed. */
  restartContainerd(): ChildProcess;
  readonly containerd: () => ChildProcess;
}

/** Why real nodes cannot be made here, or `undefined`. Tests skip with this text. */
export async function cannotRunNodes(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'needs root';
  if ((await containerdVersion()) === undefined) return 'needs containerd';
  if (cniBinaries() === undefined) return 'needs the CNI plugins';
  return undefined;
}

interface Place {
  readonly folder: string;
  readonly cluster: ClusterPaths;
  readonly paths: NodePaths;
  readonly names: HostNames;
  readonly remains: Remains & { readonly cgroup: string };
}

function placeOf(folder: string): Place {
  const home = { data: join(folder, 'd'), run: join(folder, 'r') };
  const cluster = clusterPaths(home, 'c');
  const paths = nodePaths(home, 'c', 'node');
  const network = hostNames(cluster.data);
  const remains = { folder, namespaces: [paths.networkNamespace], cgroup: testCgroup(folder), network };
  return { folder, cluster, paths, names: network, remains };
}

/** Makes the node. */
export async function startRealNode(name: string): Promise<RealNode> {
  const place = placeOf(mkdtempSync('/run/kl-e2e-'));
  const { folder, cluster, paths, names, remains } = place;
  const guarded = guard(remains);
  const ranges = chooseRanges(await takenRanges());
  const node = { namespace: paths.networkNamespace, cable: names.cable(0), address: nodeAddress(ranges.nodes, 0) };
  const alive = keepAlive();
  let runtime: ContainerRuntime | undefined;
  let child: ChildProcess | undefined;

  async function dispose(): Promise<void> {
    await runtime?.[Symbol.asyncDispose]();
    await removeRemains(remains);
    await guarded[Symbol.asyncDispose]();
    alive[Symbol.dispose]();
  }
  function restartContainerd(): ChildProcess {
    mkdirSync(cluster.logs, { recursive: true });
    const log = openSync(join(cluster.logs, 'containerd.log'), 'a');
    const [program, args] = inside(node, 'containerd', ['--config', paths.containerdConfig]);
    child = spawn(program, args, { detached: true, stdio: ['ignore', log, log] });
    closeSync(log);
    child.unref();
    return child;
  }

  try {
    await makeHostNetwork(names, ranges, name);
    await makeNodeNetwork(node, names, ranges, { file: '/etc/resolv.conf' });
    await prepareContainerd(paths);
    restartContainerd();
    runtime = await connectCri({ socket: paths.containerdSocket, clock: systemClock });
    await loadPauseImage(paths.containerdSocket);
    await runtime.setPodCidr('10.244.0.0/24');
    while (!(await runtime.status()).networkReady) await systemClock.sleep(10);
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    runtime,
    paths,
    ranges,
    address: node.address,
    folder,
    cgroup: remains.cgroup,
    restartContainerd,
    containerd: () => child!,
    [Symbol.asyncDispose]: dispose,
  };
}
