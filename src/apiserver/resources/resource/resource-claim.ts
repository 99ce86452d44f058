import { ResourceClaims, type ResourceClaim } from '../../../api/resource/v1/types.ts';
import { semanticEqual } from '../../../apimachinery/equality.ts';
import { invalid } from '../../../apimachinery/validation.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { immutableField, type Errors } from '../checks.ts';
import { internalForm } from '../core/pod/internal-form.ts';
import { checkAdminRequests, checkAdminResults } from './admin-access.ts';
import { checkClaimSpec, claimSpecDefaults, selectorsOf } from './claim-spec.ts';
import { checkClaimStatus, deviceKey, deviceKeys } from './claim-status.ts';
import { tolerationDefaults } from './taints.ts';
import { examineSelectors } from './selectors.ts';
import { checkBindingRights, checkDriverRights } from './status-rights.ts';

/** Devices that pods want to use, and which they got. */
export const resourceClaim: ResourceDefinition<ResourceClaim> = {
  type: ResourceClaims,

  strategy: {
    hasGeneration: false,
    returnDeletedObject: true,

    defaults(draft) {
      draft.spec ??= {};
      draft.spec.devices ??= {};
      draft.status ??= {};
      claimSpecDefaults(draft.spec);
      for (const { tolerations } of draft.status.allocation?.devices?.results ?? [])
        tolerations?.forEach(tolerationDefaults);
    },

    prepareForCreate(draft) {
      draft.status = {};
    },

    examine: ({ spec }, nextTurn) => examineSelectors(selectorsOf(spec), nextTurn),

    validate({ metadata, spec }, old, context) {
      const errors: Errors = [];
      if (old === undefined) {
        checkAdminRequests(errors, spec.devices?.requests, metadata.namespace!, context);
        checkClaimSpec(errors, spec, 'spec');
      } else if (!semanticEqual(spec, old.spec))
        errors.push(invalid('spec', internalForm(spec, 'ResourceClaimSpec'), immutableField));
      return errors;
    },

    status: {
      // As kinds that are younger than 1.20 do (`ResetObjectMetaForStatus`).
      keepsMetadata: ['labels', 'annotations', 'finalizers', 'ownerReferences'],

      prepareForUpdate: dropStaleDevices,

      validate(claim, old, writer) {
        const errors: Errors = [];
        const [status, before] = [claim.status ?? {}, old.status ?? {}];
        const { namespace } = claim.metadata;
        const results = status.allocation?.devices?.results;
        checkAdminResults(errors, results, before.allocation?.devices?.results, namespace!, writer.context);
        checkBindingRights(errors, status, before, writer);
        checkDriverRights(errors, claim, before, writer);
        checkClaimStatus(errors, claim, old);
        return errors;
      },
    },
  },

  columns: { cells: (object, now) => [object.metadata.name, stateOf(object), ageOf(object, now)] },
};

/** What drivers told of devices that the claim has no longer. */
function dropStaleDevices(draft: ResourceClaim, old: Readonly<ResourceClaim>): void {
  const { status = {} } = draft;
  if (status.devices === undefined) return;
  const kept = deviceKeys(status.allocation?.devices?.results);
  const before = deviceKeys(old.status?.allocation?.devices?.results);
  const devices = status.devices.filter((device) => {
    const key = JSON.stringify(deviceKey(device));
    return kept.has(key) || !before.has(key);
  });
  if (devices.length > 0) status.devices = devices;
  else delete status.devices;
}

function stateOf({ metadata, status = {} }: Readonly<ResourceClaim>): string {
  const isDeleted = metadata.deletionTimestamp !== undefined;
  const states: string[] = isDeleted ? ['deleted'] : [];
  if (status.allocation === undefined) {
    if (!isDeleted) states.push('pending');
  } else {
    states.push('allocated');
    if ((status.reservedFor ?? []).length > 0) states.push('reserved');
  }
  return states.join(',');
}
