import { subdomainNames } from '../../../apimachinery/names.ts';
import type { Annotations } from './key-service.ts';
import { encodeFields, ReceivedFields } from './wire.ts';

/** How the key of the data comes from what the plugin has encrypted: it is the key, or a seed of keys. */
export const keySources = { key: 0, seed: 1 } as const;

const mostKeyIdBytes = 1024;
const mostSourceBytes = 1024;
const mostAnnotationBytes = 32 * 1024;

/** What is stored behind the prefix of a KMS provider (message `v2.EncryptedObject`). */
export interface EncryptedObject {
  readonly data: Uint8Array;
  readonly keyId: string;
  /** The key or seed, encrypted by the plugin. */
  readonly source: Uint8Array;
  readonly annotations: Annotations;
  readonly sourceType: number;
}

export function encodeEncryptedObject({ data, keyId, source, annotations, sourceType }: EncryptedObject): Uint8Array {
  return encodeFields({ 1: data, 2: keyId, 3: source, 4: annotations, 5: sourceType });
}

/** Throws where the bytes are none. */
export function decodeEncryptedObject(bytes: Uint8Array): EncryptedObject {
  const fields = new ReceivedFields(bytes);
  const object = {
    data: fields.bytes(1),
    keyId: fields.text(2),
    source: fields.bytes(3),
    annotations: fields.map(4),
    sourceType: fields.number(5),
  };
  const problem = problemOf(object) ?? (object.data.length === 0 ? 'encrypted data is empty' : undefined);
  if (problem !== undefined) throw new Error(problem);
  return object;
}

/** What is wrong with what a plugin or the store gave. */
export function problemOf({
  keyId,
  source,
  annotations,
  sourceType,
}: Omit<EncryptedObject, 'data'>): string | undefined {
  if (sourceType !== keySources.key && sourceType !== keySources.seed)
    return `unknown encryptedDEKSourceType: ${sourceType}`;
  if (source.length === 0) return 'failed to validate encrypted DEK source: encrypted DEK source is empty';
  if (source.length > mostSourceBytes)
    return `failed to validate encrypted DEK source: encrypted DEK source is ${source.length} bytes, which exceeds the max size of ${mostSourceBytes}`;
  const keyProblem = keyIdProblem(keyId);
  if (keyProblem !== undefined) return `failed to validate key id: ${keyProblem}`;
  let size = 0;
  for (const [key, value] of annotations) {
    if (!key.includes('.') || subdomainNames(key, false).length > 0)
      return `failed to validate annotations: annotations: Invalid value: ${JSON.stringify(key)}: should be a domain with at least two segments separated by dots`;
    size += Buffer.byteLength(key) + value.length;
  }
  if (size > mostAnnotationBytes)
    return `failed to validate annotations: total size of annotations is ${size}, which exceeds the max size of ${mostAnnotationBytes}`;
  return undefined;
}

export function keyIdProblem(keyId: string): string | undefined {
  const size = Buffer.byteLength(keyId);
  if (size === 0) return 'keyID is empty';
  return size > mostKeyIdBytes ? `keyID is ${size} bytes, which exceeds the max size of ${mostKeyIdBytes}` : undefined;
}
