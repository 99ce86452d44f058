import type { KubeObject } from './object.ts';

const encoder = new TextEncoder();

/**
 * The form in which objects are stored: JSON with metadata first, without kind, apiVersion and resourceVersion. These
 * three are spliced in when the bytes are sent, because the revision is not known before the commit and list items carry
 * no kind. The bytes are in a buffer of their own: they live long, and must not hold a shared slab alive.
 */
export function encodeStored(object: KubeObject): Uint8Array {
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = object;
  const { resourceVersion: _resourceVersion, ...kept } = metadata;
  return encoder.encode(JSON.stringify({ metadata: kept, ...rest }));
}
