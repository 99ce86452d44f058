import {
  type ConfigMap,
  type DownwardAPIVolumeFile,
  type KeyToPath,
  type Pod,
  type Secret,
  type Volume,
  type VolumeProjection,
} from '../../api/core/v1/types.ts';
import { errorText } from '../../base/error-text.ts';
import { fieldValue, resourceValue, type Allocatable, type PodAddresses } from '../pods/downward.ts';
import { containersOf } from '../pods/pod-containers.ts';
import { checkedPath, configMapContent, payload, secretContent, VolumeError } from './payload.ts';
import type { FreshToken, TokenSpec } from './token-source.ts';
import type { VolumeFile } from './volume-disk.ts';

/** What the files of volumes are made of. */
export interface ContentSources {
  configMap(name: string): Promise<Readonly<ConfigMap> | undefined>;
  secret(name: string): Promise<Readonly<Secret> | undefined>;
  token(spec: TokenSpec): Promise<FreshToken>;
  /** Throws where this file is more than the pod may have. */
  take(file: VolumeFile): void;
  readonly addresses: PodAddresses;
  readonly allocatable: Allocatable;
}

/** The files of a volume, and when they must be made anew though nothing has changed. */
export interface VolumeContents {
  readonly files: readonly VolumeFile[];
  readonly renewAt?: number;
}

const usualMode = 0o644;

/** Whether the volume is made of such files. */
export function hasContents({ configMap, secret, downwardAPI, projected }: Volume): boolean {
  return (configMap ?? secret ?? downwardAPI ?? projected) !== undefined;
}

/** The files of a configMap, secret, downwardAPI or projected volume. Rejects with {@link VolumeError}. */
export async function volumeContents(
  pod: Readonly<Pod>,
  volume: Volume,
  sources: ContentSources,
): Promise<VolumeContents> {
  const { configMap, secret, downwardAPI, projected } = volume;
  if (configMap !== undefined) {
    const { name = '', items, defaultMode, optional } = configMap;
    return { files: await configMapFiles(sources, name, payloadOptions(items, defaultMode, optional)) };
  }
  if (secret !== undefined) {
    const { secretName = '', items, defaultMode, optional } = secret;
    return { files: await secretFiles(sources, secretName, payloadOptions(items, defaultMode, optional)) };
  }
  if (downwardAPI !== undefined)
    return { files: downwardFiles(pod, downwardAPI.items, downwardAPI.defaultMode, sources) };
  return await projectedContents(pod, projected?.sources ?? [], projected?.defaultMode, sources);
}

async function projectedContents(
  pod: Readonly<Pod>,
  projections: readonly VolumeProjection[],
  defaultMode: number | undefined,
  sources: ContentSources,
): Promise<VolumeContents> {
  const contents: VolumeContents[] = [];
  const failures = new Set<string>();
  // One after the other: there may be thousands, and each token is a request.
  for (const projection of projections)
    try {
      contents.push(await projectionContents(pod, projection, defaultMode, sources));
    } catch (error) {
      failures.add(errorText(error));
    }
  const [first, ...more] = failures;
  if (first !== undefined) throw new VolumeError(more.length === 0 ? first : `[${[...failures].join(', ')}]`);
  const byPath = new Map(contents.flatMap(({ files }) => files).map((file) => [file.path, file]));
  const renewAt = Math.min(...contents.map((one) => one.renewAt ?? Infinity));
  return { files: [...byPath.values()], ...(renewAt < Infinity && { renewAt }) };
}

async function projectionContents(
  pod: Readonly<Pod>,
  { configMap, secret, downwardAPI, serviceAccountToken, ...other }: VolumeProjection,
  defaultMode: number | undefined,
  sources: ContentSources,
): Promise<VolumeContents> {
  if (configMap !== undefined) {
    const { name = '', items, optional } = configMap;
    return { files: await configMapFiles(sources, name, payloadOptions(items, defaultMode, optional)) };
  }
  if (secret !== undefined) {
    const { name = '', items, optional } = secret;
    return { files: await secretFiles(sources, name, payloadOptions(items, defaultMode, optional)) };
  }
  if (downwardAPI !== undefined) return { files: downwardFiles(pod, downwardAPI.items, defaultMode, sources) };
  const [unknown] = Object.keys(other);
  if (unknown !== undefined) throw new VolumeError(`projection of ${unknown} is not supported`);
  // The API server leaves nothing of a source whose feature is off in Kubernetes.
  if (serviceAccountToken === undefined) return { files: [] };
  const { path, audience, expirationSeconds = 3600 } = serviceAccountToken;
  const { token, renewAt } = await sources.token({ audience, expirationSeconds });
  return { files: [{ path: checkedPath(path), data: token, ...tokenOwner(pod, defaultMode) }], renewAt };
}

/** A token is for the pod's processes alone: for their user or group, where the pod says which that is. */
function tokenOwner(pod: Readonly<Pod>, defaultMode = usualMode): Pick<VolumeFile, 'mode' | 'uid'> {
  const { securityContext = {} } = pod.spec;
  const users = new Set(
    containersOf(pod)
      .filter(({ role }) => role !== 'ephemeral')
      .map(({ spec }) => spec.securityContext?.runAsUser ?? securityContext.runAsUser),
  );
  const [uid] = users.size === 1 ? users : [];
  if (uid !== undefined) return { mode: 0o600, uid };
  return { mode: securityContext.fsGroup === undefined ? defaultMode : 0o600 };
}

async function configMapFiles(
  { configMap, take }: ContentSources,
  name: string,
  wanted: PayloadOptions,
): Promise<VolumeFile[]> {
  const found = await configMap(name);
  if (found === undefined && !wanted.optional) throw new VolumeError(`configmap "${name}" not found`);
  if (found === undefined) return [];
  return payload(configMapContent(found), wanted, 'configmap references non-existent config key', take);
}

async function secretFiles(
  { secret, take }: ContentSources,
  name: string,
  wanted: PayloadOptions,
): Promise<VolumeFile[]> {
  const found = await secret(name);
  if (found === undefined && !wanted.optional) throw new VolumeError(`secret "${name}" not found`);
  if (found === undefined) return [];
  return payload(secretContent(found), wanted, 'references non-existent secret key', take);
}

function downwardFiles(
  pod: Readonly<Pod>,
  items: readonly DownwardAPIVolumeFile[] = [],
  defaultMode = usualMode,
  { addresses, allocatable, take }: ContentSources,
): VolumeFile[] {
  return items.map(({ path, mode = defaultMode, fieldRef, resourceFieldRef }): VolumeFile => {
    let data: string | undefined;
    if (fieldRef !== undefined) data = fieldValue(pod, fieldRef, addresses);
    if (resourceFieldRef !== undefined) {
      const container = containersOf(pod).find(({ name }) => name === resourceFieldRef.containerName);
      data = container && resourceValue(container.spec, resourceFieldRef, allocatable);
    }
    const asked = fieldRef?.fieldPath ?? resourceFieldRef?.resource ?? '';
    if (data === undefined) throw new VolumeError(`unsupported fieldPath: ${asked}`);
    const file = { path: checkedPath(path), data, mode };
    take(file);
    return file;
  });
}

type PayloadOptions = Parameters<typeof payload>[1];

function payloadOptions(items: readonly KeyToPath[] | undefined, mode = usualMode, optional = false): PayloadOptions {
  return { items, mode, optional };
}
