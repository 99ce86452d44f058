import { createHash } from 'node:crypto';
import { RuntimeError } from '../runtime-error.ts';
import type { ContainerRuntime, ImageHolder } from '../runtime.ts';
import type { CriConnection } from './connection.ts';
import type { Received } from './messages.ts';
import { containerdMethods, methods } from './methods.ts';
import { unlessGone } from './unless-gone.ts';

const withinMs = 120_000;
const longestConfigBytes = 8 * 1024 * 1024;
const podLabel = 'kubeling.dev/pod-uid';
/** containerd collects what nothing refers to; what has this label, and what that is made of, it keeps. */
const keepLabel = 'containerd.io/gc.root';

/**
 * Images as folders, from containerd's own services: a view of an image's layers, which are unpacked already, is a
 * snapshot with a name of ours. CRI mounts images only in containerd 2.1 and later; these are in all.
 */
export function containerdImages(
  connection: CriConnection,
): Pick<ContainerRuntime, 'holdImage' | 'releaseImages' | 'imageHolders'> {
  let snapshotter: string | undefined;

  /** The one that CRI is configured with: it is in the path of the images' file system. */
  async function usedSnapshotter(): Promise<string> {
    if (snapshotter !== undefined) return snapshotter;
    const { imageFilesystems } = await connection.call(methods.imageFsInfo, {}, withinMs);
    const path = imageFilesystems[0]?.fsId?.mountpoint ?? '';
    snapshotter = /\/io\.containerd\.snapshotter\.v1\.([^/]+)\/?$/.exec(path)?.[1];
    if (snapshotter !== undefined) return snapshotter;
    throw new RuntimeError('Unimplemented', `no snapshotter is to be seen in the path of images "${path}"`);
  }

  /** Of the snapshots that hold images for a pod, or for all pods. */
  async function held(podUid?: string): Promise<Received<'SnapshotInfo'>[]> {
    const label = `labels.${JSON.stringify(podLabel)}`;
    const filter = podUid === undefined ? label : `${label}==${JSON.stringify(podUid)}`;
    const request = { snapshotter: await usedSnapshotter(), filters: [filter] };
    const found: Received<'SnapshotInfo'>[] = [];
    const answers = connection.stream(containerdMethods.listSnapshots, request, { withinMs });
    for await (const { info } of answers) found.push(...info);
    return found;
  }

  async function remove(key: string): Promise<void> {
    const request = { snapshotter: await usedSnapshotter(), key };
    await unlessGone(connection.call(containerdMethods.removeSnapshot, request, withinMs));
  }

  async function configOf(imageId: string): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    let size = 0;
    const answers = connection.stream(containerdMethods.readContent, { digest: imageId }, { withinMs });
    for await (const { data } of answers) {
      size += data.length;
      if (size > longestConfigBytes) throw new RuntimeError('Unknown', `the config of image ${imageId} is too long`);
      parts.push(data);
    }
    return Buffer.concat(parts);
  }

  return {
    async holdImage(id, holder) {
      const parent = chainOf(layersOf(await configOf(id), id));
      const key = keyOf(holder);
      await remove(key);
      const labels = { [podLabel]: holder.podUid, [keepLabel]: 'volume' };
      const request = { snapshotter: await usedSnapshotter(), key, parent, labels };
      const { mounts } = await connection.call(containerdMethods.viewSnapshot, request, withinMs);
      return foldersOf(mounts);
    },
    async releaseImages(podUid) {
      for (const { name } of await held(podUid)) await remove(name);
    },
    async imageHolders() {
      return [...new Set((await held()).map(({ labels }) => labels[podLabel] ?? ''))];
    },
  };
}

function keyOf({ podUid, volume }: ImageHolder): string {
  return `kubeling/volumes/${podUid}/${volume}`;
}

/** The digests of an image's layers, unpacked, from its config. */
function layersOf(config: Buffer, imageId: string): readonly string[] {
  const { rootfs } = JSON.parse(config.toString()) as { rootfs?: { diff_ids?: unknown } };
  const layers = rootfs?.diff_ids;
  if (Array.isArray(layers) && layers.every((layer) => typeof layer === 'string')) return layers;
  throw new RuntimeError('Unknown', `the config of image ${imageId} tells no layers`);
}

/** The name of layers on top of each other: the identity of a chain, as OCI's image specification has it. */
export function chainOf(layers: readonly string[]): string {
  return layers.reduce((below, layer) => {
    if (below === '') return layer;
    return `sha256:${createHash('sha256').update(`${below} ${layer}`).digest('hex')}`;
  }, '');
}

/** The folders that the mounts of a view stand for, the uppermost first. */
export function foldersOf(mounts: readonly Received<'SnapshotMount'>[]): readonly string[] {
  const [mount] = mounts;
  if (mounts.length === 1 && mount?.type === 'bind') return [mount.source];
  const below = mount?.options.find((option) => option.startsWith('lowerdir='));
  if (mounts.length === 1 && mount?.type === 'overlay' && below !== undefined)
    return below.slice('lowerdir='.length).split(':');
  const types = mounts.map(({ type }) => type).join(', ');
  throw new RuntimeError('Unimplemented', `the snapshotter gives mounts of type "${types}" instead of folders`);
}
