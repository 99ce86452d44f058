import { systemClock } from '../../base/system-clock.ts';
import { connectCri } from '../../kubelet/runtime/cri/cri-runtime.ts';
import type { ContainerRuntime, Image } from '../../kubelet/runtime/runtime.ts';
import { requireCluster } from '../../local/cluster-config.ts';
import { inspectImageArchive } from '../../local/image-archive.ts';
import { saveFromDocker } from '../../local/docker-images.ts';
import { loadImages } from '../../local/images.ts';
import { pauseImage } from '../../local/pause-image.ts';
import { isOn } from '../../local/power.ts';
import { nodePaths } from '../../local/paths.ts';
import { UserError } from '../../local/problem.ts';
import { existing, standsStill } from './cluster.ts';
import { homeOf } from './environment.ts';
import { size, table } from './output.ts';

const connectWithinMs = 10_000;
const pollMs = 10;
const visibleWithinMs = 10_000;

/** Loads images on every node of a cluster that is on: from archives, or by their names from Docker. */
export async function imageLoadCommand(
  given: readonly string[],
  { name, docker }: { name: string; docker: boolean },
): Promise<void> {
  const sockets = await socketsOf(name);
  if (!docker) return await loadFiles(given, sockets, name);
  await using saved = await saveFromDocker(given);
  await loadFiles([saved.file], sockets, name);
}

/** All files are looked at before the first is loaded. */
async function loadFiles(files: readonly string[], sockets: readonly string[], name: string): Promise<void> {
  for (const file of files) await inspectImageArchive(file);
  for (const file of files) {
    const [images = []] = await Promise.all(sockets.map((socket) => loadOn(socket, file, name)));
    for (const image of images) process.stdout.write(`Loaded ${image}\n`);
  }
}

/** Loads an archive on one node, and waits until pods can use its images. */
async function loadOn(socket: string, file: string, cluster: string): Promise<string[]> {
  const images = await loadImages(socket, file);
  await using runtime = await connect(socket, cluster);
  for (const image of images) await untilKnown(runtime, image);
  return images;
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

/** Of the nodes that are on: others get no images. */
async function socketsOf(name: string): Promise<string[]> {
  const home = homeOf();
  const cluster = await requireCluster(home, await existing(name));
  const on = await Promise.all(cluster.nodes.map((node) => isOn(home, cluster, node)));
  const sockets = cluster.nodes
    .filter((_, index) => on[index])
    .map((node) => nodePaths(home, name, node.name).containerdSocket);
  if (sockets.length === 0) throw standsStill(name);
  return sockets;
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
