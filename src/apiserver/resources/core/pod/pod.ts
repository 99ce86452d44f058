import { cloneJson } from '../../../../apimachinery/clone.ts';
import { Pods, type Pod } from '../../../../api/core/v1/types.ts';
import { dnsLabel } from '../../../../apimachinery/names.ts';
import { binding } from '../../../rest/binding.ts';
import { eviction } from '../../../rest/eviction.ts';
import type { ResourceDefinition } from '../../../rest/resource.ts';
import type { Errors } from '../../checks.ts';
import { podWarnings } from '../pod-spec/warnings.ts';
import { podCells, podRowConditions } from './cells.ts';
import { podDefaults } from './defaults.ts';
import { ephemeralContainers } from './ephemeral-containers.ts';
import { preparePod, raiseNegativeGrace } from './prepare.ts';
import { resize } from './resize.ts';
import { checkPodStatus, withoutDisabled } from './status.ts';
import { checkPodUpdate } from './update.ts';
import { checkNewPod } from './validate.ts';

/** Containers that run together on one node. */
export const pod: ResourceDefinition<Pod> = {
  type: Pods,

  strategy: {
    returnDeletedObject: true,
    takesFrozen: true,
    defaults: podDefaults,

    prepareForCreate: preparePod,
    prepareForUpdate: raiseNegativeGrace,

    validate(object, old) {
      const errors: Errors = [];
      if (old === undefined) checkNewPod(errors, object);
      else checkPodUpdate(errors, object, old);
      return errors;
    },

    warnings(object, old) {
      if (old !== undefined) return [];
      const name = dnsLabel(object.metadata.name);
      const doubtful =
        "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: ";
      return [
        ...(name.length > 0 ? [`${doubtful}[${name.join(' ')}]`] : []),
        ...podWarnings(object.metadata, object.spec, ''),
      ];
    },

    /** An agent needs time to stop what runs; where nothing runs, or nobody would stop it, the pod goes at once. */
    gracePeriod({ spec, status }, requested) {
      if (!spec.nodeName || status?.phase === 'Failed' || status?.phase === 'Succeeded') return 0;
      const seconds = requested ?? spec.terminationGracePeriodSeconds ?? 0;
      return seconds < 0 ? 1 : seconds;
    },

    status: {
      prepareForUpdate(draft, old) {
        const qosClass = old.status?.qosClass;
        if (qosClass !== undefined && draft.status?.qosClass === undefined)
          draft.status = { ...draft.status, qosClass };
        if (draft.status !== undefined) draft.status = withoutDisabled(draft.status);
        if (old.metadata.ownerReferences === undefined) delete draft.metadata.ownerReferences;
        else draft.metadata.ownerReferences = cloneJson(old.metadata.ownerReferences);
      },

      validate(object, old) {
        const errors: Errors = [];
        checkPodStatus(errors, object, old);
        return errors;
      },
    },
  },

  columns: {
    cells: podCells,
    rowConditions: podRowConditions,
  },

  selectableFields: {
    'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
    'spec.restartPolicy': ({ spec }) => spec.restartPolicy ?? '',
    'spec.schedulerName': ({ spec }) => spec.schedulerName ?? '',
    'spec.serviceAccountName': ({ spec }) => spec.serviceAccountName ?? '',
    'spec.hostNetwork': ({ spec }) => String(spec.hostNetwork ?? false),
    'status.phase': ({ status }) => status?.phase ?? '',
    'status.podIP': ({ status }) => status?.podIPs?.[0]?.ip ?? '',
    'status.podIPs': ({ status }) => status?.podIPs?.[0]?.ip ?? '',
    'status.nominatedNodeName': ({ status }) => status?.nominatedNodeName ?? '',
  },

  subresources: {
    updates: { ephemeralcontainers: ephemeralContainers, resize },
    handlers: { binding, eviction },
  },
};
