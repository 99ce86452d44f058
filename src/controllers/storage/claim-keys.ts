import { claimNamesOf } from '../../api/core/pod-claims.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import type { ObjectKey } from '../../apimachinery/object.ts';

/** The claims behind a pod's volumes. */
export function claimKeysOf(pod: Readonly<Pod>): readonly ObjectKey[] {
  const { namespace } = pod.metadata;
  return claimNamesOf(pod).map((name) => ({ ...(namespace !== undefined && { namespace }), name }));
}
