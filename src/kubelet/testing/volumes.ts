import type { ConfigMap, Secret, Volume } from '../../api/core/v1/types.ts';
import type { KubeObject, ObjectKey } from '../../apimachinery/object.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import { silentLogger } from '../../base/logger.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import type { ObjectSource } from '../objects/object-source.ts';
import { SimulatedRuntime } from '../runtime/simulated/simulated-runtime.ts';
import { ownDrivers } from '../volumes/drivers/all.ts';
import { PodVolumes } from '../volumes/pod-volumes.ts';
import { noVolumeDisk, type VolumeDisk, type VolumeFile } from '../volumes/volume-disk.ts';
import type { VolumeSetUp } from '../volumes/volume-store.ts';
import { makeContainer, makePod } from './pods.ts';

export const encoded = (text: string) => Buffer.from(text).toString('base64');
export const settings: ConfigMap = {
  metadata: { name: 'settings' },
  data: { host: 'db', port: '5432' },
  binaryData: { raw: encoded('\u0001') },
};
export const tls: Secret = { metadata: { name: 'tls' }, data: { key: encoded('secret') } };

/** The events that a set-up asks for. */
export async function messages(setUp: Promise<VolumeSetUp>): Promise<string[]> {
  return (await setUp).failures.map(({ message }) => message);
}

export function failedSetUp(volume: string, message: string): string {
  return `MountVolume.SetUp failed for volume "${volume}" : ${message}`;
}

/** The sources of volumes, by the names of their claims. */
const disks = {
  data: { local: { path: '/disks/data' } },
  remote: { nfs: { server: 's', path: '/' } },
  free: undefined,
  block: { volumeMode: 'Block', local: { path: '/dev/x' } },
  options: { mountOptions: ['noatime'], hostPath: { path: '/disks/options' } },
};

/** The volumes of a node with one pod, `web`, that mounts one volume `v`. */
export function setUpVolumes(volume: Volume, mount: object = {}, disk: Partial<VolumeDisk> = {}) {
  const clock = new VirtualClock();
  const runtime = new SimulatedRuntime({ clock, name: 'node' });
  const objects = new Objects();
  objects.put('configmaps', settings);
  objects.put('secrets', tls);
  const bound = { 'pv.kubernetes.io/bind-completed': 'yes' };
  for (const [name, spec] of Object.entries(disks)) {
    const metadata = { name, uid: `uid-${name}`, annotations: bound };
    const claim = { metadata, spec: { volumeName: name }, status: { phase: spec ? 'Bound' : 'Pending' } };
    objects.put('persistentvolumeclaims', claim as KubeObject);
    objects.put('persistentvolumes', {
      metadata: { name },
      spec: { ...spec, claimRef: { uid: `uid-${name}` } },
    } as KubeObject);
  }
  const others = {
    leaving: { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' }, spec: { volumeName: 'data' } },
    lost: { metadata: {}, spec: { volumeName: 'gone' } },
    taken: { metadata: {}, spec: { volumeName: 'data' } },
  };
  for (const [name, { metadata, spec }] of Object.entries(others)) {
    const claim = { metadata: { name, uid: `uid-${name}`, ...metadata }, spec, status: { phase: 'Bound' } };
    objects.put('persistentvolumeclaims', claim as KubeObject);
  }
  const written: Record<string, string>[] = [];
  const retried: string[] = [];
  let tokens = 0;
  const volumeMounts = [{ name: 'v', mountPath: '/v', ...mount }];
  const pod = makePod(
    { volumes: [volume], containers: [makeContainer('app', { volumeMounts })] },
    { metadata: { name: 'web', labels: { b: '2', a: 'x"y' } } },
  );
  const parts: VolumeDisk = {
    ...noVolumeDisk,
    writeFiles: async (place, files) => {
      written.push(Object.fromEntries(files.map(shown)));
      return `/volumes/${place.volume}`;
    },
    ...disk,
  };
  const volumes = new PodVolumes({
    disk: parts,
    drivers: ownDrivers({
      disk: parts,
      images: runtime,
      objects,
      clock,
      log: silentLogger,
      token: async (_pod, { expirationSeconds }) => {
        return { token: `token ${++tokens} for ${expirationSeconds}`, renewAt: clock.now() + 80_000 };
      },
      allocatable: { cpu: '4', memory: '64Mi' },
      addresses: () => ({ podIps: [], hostIps: [] }),
    }),
    images: runtime,
    read: async (type, { name }) => objects.get(type.resource, name),
    clock,
    onChange: (uid) => retried.push(uid),
  });
  return { volumes, written, pod, objects, clock, retried, runtime };
}

/** The text, and the mode where it is not the usual one. */
function shown({ path, data, mode }: VolumeFile): [string, string] {
  const text = typeof data === 'string' ? data : Buffer.from(data).toString();
  return [path, mode === 0o644 ? text : `${text} ${mode.toString(8)}`];
}

/** Objects of one namespace that change when the test says so. */
export class Objects implements ObjectSource {
  readonly #objects = new Map<string, KubeObject>();
  readonly #followers = new Map<string, Set<() => void>>();

  put(resource: string, object: KubeObject): void {
    const id = `${resource}/${object.metadata.name}`;
    this.#objects.set(id, object);
    this.#tell(id);
  }

  get(resource: string, name: string): any {
    return this.#objects.get(`${resource}/${name}`);
  }

  remove(resource: string, name: string): void {
    this.#objects.delete(`${resource}/${name}`);
    this.#tell(`${resource}/${name}`);
  }

  followers(): number {
    return [...this.#followers.values()].reduce((sum, { size }) => sum + size, 0);
  }

  follow<T extends KubeObject>(type: ResourceType<T>, key: ObjectKey, onChange: () => void) {
    const id = `${type.resource}/${key.name}`;
    const followers = this.#followers.get(id) ?? new Set();
    this.#followers.set(id, followers);
    followers.add(onChange);
    const current = async () => this.#objects.get(id) as T | undefined;
    return { current, [Symbol.dispose]: () => void followers.delete(onChange) };
  }

  #tell(id: string): void {
    for (const follower of this.#followers.get(id) ?? []) follower();
  }
}
