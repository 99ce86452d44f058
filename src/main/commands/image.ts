import { systemClock } from '../../base/system-clock.ts';
import { connectCri } from '../../kubelet/runtime/cri/cri-runtime.ts';
import type { ContainerRuntime, Image } from '../../kubelet/runtime/runtime.ts';
import { readCluster } from '../../local/cluster-config.ts';
import { inspectImageArchive } from '../../local/image-archive.ts';
import { loadImages } from '../../local/images.ts';
import { pauseImage } from '../../local/pause-image.ts';
import { nodePaths } from '../../local/paths.ts';
import { UserError } from '../../local/problem.ts';
import { existing } from './cluster.ts';
import { homeOf } from './environment.ts';
import { size, table } from './output.ts';

const connectWithinMs = 10_000;
const pollMs = 10;
const visibleWithinMs = 10_000;

/** Loads image archives into every node of a cluster. All files are looked at before the first is loaded. */
export async function imageLoadCommand(files: readonly string[], { name }: { name: string }): Promise<void> {
  const sockets = await socketsOf(name);
  for (const file of files) await inspectImageArchive(file);
  for (const file of files) {
    let images: string[] = [];
    for (const socket of sockets) {
      images = await loadImages(socket, file);
      await using runtime = await connect(socket, name);
      for (const image of images) await untilKnown(runtime, image);
    }
    for (const image of images) process.stdout.write(`Loaded ${image}\n`);
  }
}

/** Prints the images of a cluster's nodes; Kubeling's own one is left out. */
export async function imageListCommand({ name }: { name: string }): Promise<void> {
  const rows = new Map<string, string[]>();
  for (const socket of await socketsOf(name)) {
    await using runtime = await connect(socket, name);
    for (const image of await runtime.listImages()) for (const row of rowsOf(image)) rows.set(row.join(' '), row);
  }
  const sorted = [...rows.values()].sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  process.stdout.write(table(['IMAGE', 'ID', 'SIZE'], sorted));
}

function rowsOf({ id, tags, sizeBytes }: Image): string[][] {
  const short = id.replace(/^sha256:/, '').slice(0, 12);
  const names = tags.length > 0 ? tags : ['<none>'];
  return names.filter((tag) => tag !== pauseImage).map((tag) => [tag, short, size(sizeBytes)]);
}

async function socketsOf(name: string): Promise<string[]> {
  const cluster = await readCluster(homeOf(), await existing(name));
  return cluster!.nodes.map((node) => nodePaths(homeOf(), name, node.name).containerdSocket);
}

async function connect(socket: string, cluster: string): Promise<ContainerRuntime> {
  try {
    return await connectCri({ socket, clock: systemClock, connectWithinMs });
  } catch (cause) {
    throw new UserError(
      `Cannot reach containerd of cluster "${cluster}": is the cluster running? See "kubeling status --name ${cluster}"`,
      { cause },
    );
  }
}

/** containerd tells its Kubernetes side of new images a little later. */
async function untilKnown(runtime: ContainerRuntime, image: string): Promise<void> {
  const limit = systemClock.monotonic() + visibleWithinMs;
  while ((await runtime.imageStatus(image)) === undefined) {
    if (systemClock.monotonic() > limit)
      throw new Error(`Cannot use image "${image}": containerd took it, but does not show it`);
    await systemClock.sleep(pollMs);
  }
}
