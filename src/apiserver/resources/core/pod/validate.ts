import type { Pod } from '../../../../api/core/v1/types.ts';
import { forbidden } from '../../../../apimachinery/validation.ts';
import type { Errors } from '../../checks.ts';
import { checkPodAnnotations, checkProfilesAgree } from '../pod-spec/annotations.ts';
import { checkImageIsTrimmed } from '../pod-spec/containers.ts';
import { checkPodSpec } from '../pod-spec/validate.ts';

/** The rules that hold for a pod at any time. */
export function checkPod(errors: Errors, { metadata, spec }: Readonly<Pod>): void {
  checkPodAnnotations(errors, metadata, spec, 'metadata.annotations');
  checkPodSpec(errors, spec, 'spec', { isPod: true, podName: metadata.name });
  if (!spec.serviceAccountName) checkNoTokens(errors, spec);
  spec.containers?.forEach(({ image }, i) => checkImageIsTrimmed(errors, image, `spec.containers[${i}].image`));
  spec.initContainers?.forEach(({ image }, i) => checkImageIsTrimmed(errors, image, `spec.initContainers[${i}].image`));
}

function checkNoTokens(errors: Errors, { volumes }: Pod['spec']): void {
  volumes?.forEach(({ projected }, i) =>
    projected?.sources?.forEach(({ serviceAccountToken }, at) => {
      if (serviceAccountToken !== undefined)
        errors.push(
          forbidden(
            `spec.volumes[${i}].projected.sources[${at}].serviceAccountToken`,
            'must not be specified when serviceAccountName is not set',
          ),
        );
    }),
  );
}

/** The rules of a pod that is made. */
export function checkNewPod(errors: Errors, pod: Readonly<Pod>): void {
  const { metadata, spec } = pod;
  checkPod(errors, pod);
  if (spec.ephemeralContainers?.length) errors.push(forbidden('spec.ephemeralContainers', 'cannot be set on create'));
  if (spec.nodeName && spec.schedulingGates?.length)
    errors.push(forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'));
  checkProfilesAgree(errors, metadata, spec, 'spec');
}
