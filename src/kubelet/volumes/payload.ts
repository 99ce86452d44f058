import type { ConfigMap, KeyToPath, Secret } from '../../api/core/v1/types.ts';
import type { VolumeFile } from './volume-disk.ts';

/** A volume cannot be set up; the message is Kubernetes' own. */
export class VolumeError extends Error {
  override readonly name = 'VolumeError';
}

export interface PayloadOptions {
  /** Absent or empty: all keys, under their own names. */
  readonly items: readonly KeyToPath[] | undefined;
  readonly mode: number;
  readonly optional: boolean;
}

/** The values of a ConfigMap or Secret. Each is decoded when it is asked for: a pod may name one object thousands of times. */
export interface Content {
  keys(): readonly string[];
  get(key: string): string | Uint8Array | undefined;
}

/** Values by key, of both fields. */
export function configMapContent({ data = {}, binaryData = {} }: Readonly<ConfigMap>): Content {
  return {
    keys: () => [...new Set([...Object.keys(data), ...Object.keys(binaryData)])],
    get: (key) => own(binaryData, key, decoded) ?? own(data, key, (text) => text),
  };
}

export function secretContent({ data = {} }: Readonly<Secret>): Content {
  return { keys: () => Object.keys(data), get: (key) => own(data, key, decoded) };
}

function own<T>(data: Readonly<Record<string, string>>, key: string, read: (text: string) => T): T | undefined {
  return Object.hasOwn(data, key) ? read(data[key]!) : undefined;
}

function decoded(text: string): Uint8Array {
  return Buffer.from(text, 'base64');
}

/**
 * The files of a ConfigMap or Secret, each of which is taken before the next one is decoded. Throws {@link VolumeError} with
 * `missing` and the key when one is not there.
 */
export function payload(
  content: Content,
  { items = [], mode, optional }: PayloadOptions,
  missing: string,
  take: (file: VolumeFile) => void,
): VolumeFile[] {
  const taken = (file: VolumeFile): VolumeFile => {
    take(file);
    return file;
  };
  if (items.length === 0) return content.keys().map((path) => taken({ path, data: content.get(path)!, mode }));
  return items.flatMap(({ key, path, mode: own = mode }) => {
    const data = content.get(key);
    if (data !== undefined) return [taken({ path: checkedPath(path), data, mode: own })];
    if (optional) return [];
    throw new VolumeError(`${missing}: ${key}`);
  });
}

/** The path itself, if it stays below the volume. */
export function checkedPath(path: string): string {
  const parts = path.split('/');
  if (path === '' || path.startsWith('/') || parts.includes('..') || parts[0]!.startsWith('..'))
    throw new VolumeError(`invalid path: must be relative and stay below the volume: ${path}`);
  return parts.filter((part) => part !== '' && part !== '.').join('/');
}
