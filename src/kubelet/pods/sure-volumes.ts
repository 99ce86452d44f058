import type { Pod, Volume, VolumeProjection } from '../../api/core/v1/types.ts';

/** Each namespace has it, with the certificates that tell its pods the API server. */
const ownConfigMap = 'kube-root-ca.crt';

/**
 * Whether nothing but a fault keeps the pod's volumes from being set up: none waits for a claim, or for an object of its
 * user. Images are shown by containers, and wait there.
 */
export function volumesSurelyCome({ spec }: Readonly<Pod>): boolean {
  return (spec.volumes ?? []).every(isSure);
}

function isSure({ emptyDir, downwardAPI, image, projected }: Volume): boolean {
  return (emptyDir ?? downwardAPI ?? image) !== undefined || projected?.sources?.every(isSureSource) === true;
}

function isSureSource({ serviceAccountToken, downwardAPI, configMap }: VolumeProjection): boolean {
  return (serviceAccountToken ?? downwardAPI) !== undefined || configMap?.name === ownConfigMap;
}
