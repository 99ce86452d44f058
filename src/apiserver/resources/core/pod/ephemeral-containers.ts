import type { Pod } from '../../../../api/core/v1/types.ts';
import { semanticEqual } from '../../../../apimachinery/equality.ts';
import { forbidden } from '../../../../apimachinery/validation.ts';
import type { SubresourceUpdate } from '../../../rest/resource.ts';
import type { Errors } from '../../checks.ts';
import { checkAnnotationUpdates, mirrorPod } from '../pod-spec/annotations.ts';
import { ephemeralContainerDifference } from './difference.ts';
import { checkPod } from './validate.ts';

/** Containers to look into a running pod with: they may be added, never changed or taken away. */
export const ephemeralContainers: SubresourceUpdate<Pod> = {
  apply(draft, wanted) {
    if (wanted.spec.ephemeralContainers?.length) draft.spec.ephemeralContainers = wanted.spec.ephemeralContainers;
    else delete draft.spec.ephemeralContainers;
  },

  validate(pod, old) {
    if (old.metadata.annotations?.[mirrorPod] !== undefined)
      return [forbidden('[]', 'static pods do not support ephemeral containers')];
    const errors: Errors = [];
    checkPod(errors, pod);
    checkAnnotationUpdates(errors, pod.metadata, old.metadata, 'metadata.annotations');
    for (const one of old.spec.ephemeralContainers ?? []) {
      const now = pod.spec.ephemeralContainers?.find(({ name }) => name === one.name);
      const named = `existing ephemeral containers ${JSON.stringify(one.name)} may not be`;
      if (now === undefined) errors.push(forbidden('spec.ephemeralContainers', `${named} removed\n`));
      else if (!semanticEqual(one, now))
        errors.push(
          forbidden('spec.ephemeralContainers', `${named} changed\n${ephemeralContainerDifference(one, now)}`),
        );
    }
    return errors;
  },
};
