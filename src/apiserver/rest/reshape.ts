import { decodeValue } from '../../apimachinery/decode/decode.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import type { ServedVersion } from '../catalog/served-version.ts';

/** What of the metadata no plugin changes. */
const serverFields = [
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
] as const;

/**
 * What a plugin's patch made of a draft, as an object of its kind again: decoded, with defaults. Managed fields stay as
 * they were, since what admission adds belongs to nobody (docs/adr/0005), and so does what the server alone sets.
 */
export function reshaped(
  { type, structure, strategy, apiVersion }: ServedVersion,
  patched: unknown,
  before: KubeObject,
): KubeObject {
  const object = decodeValue(patched, structure).value as unknown as KubeObject;
  object.kind = type.kind;
  object.apiVersion = apiVersion;
  object.metadata ??= { name: '' };
  const metadata: Record<string, unknown> = { ...object.metadata };
  for (const field of serverFields) {
    const was = before.metadata[field];
    if (was === undefined) delete metadata[field];
    else metadata[field] = was;
  }
  object.metadata = metadata as unknown as KubeObject['metadata'];
  strategy.defaults?.(object);
  return object;
}
