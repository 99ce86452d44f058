import type { Pod, Toleration } from '../../api/core/v1/types.ts';
import type { AdmissionPlugin } from './admission.ts';
import { isFor } from './refusal.ts';

const seconds = 300;
const keys = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/** A pod stays five minutes on a node that is lost, unless it says otherwise. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  mutate(request) {
    if (!isFor(request, '/pods') || (request.operation !== 'CREATE' && request.operation !== 'UPDATE')) return;
    const pod = request.object as Pod;
    const { spec } = pod;
    const missing = keys.filter((key) => !spec.tolerations?.some((toleration) => covers(toleration, key)));
    if (missing.length === 0) return;
    const added = missing.map((key): Toleration => ({
      key,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: seconds,
    }));
    // The spec of an update may be the stored one.
    pod.spec = { ...spec, tolerations: [...(spec.tolerations ?? []), ...added] };
  },
};

function covers({ key, effect }: Toleration, wanted: string): boolean {
  return (!key || key === wanted) && (!effect || effect === 'NoExecute');
}
