import { CSIDrivers, type CSIDriver, type CSIDriverSpec, type TokenRequest } from '../../../api/storage/v1/types.ts';
import { semanticEqual } from '../../../apimachinery/equality.ts';
import { duplicate, invalid, notSupported } from '../../../apimachinery/validation.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { checkOneOf, immutableField, type Errors } from '../checks.ts';

const groupPolicies = ['File', 'None', 'ReadWriteOnceWithFSType'];
const lifecycleModes = ['Persistent', 'Ephemeral'];
const tenMinutes = 600;

/** A driver of volumes that is installed in the cluster, and what it needs (CSI). */
export const csiDriver: ResourceDefinition<CSIDriver> = {
  type: CSIDrivers,

  strategy: {
    returnDeletedObject: true,
    allowUnconditionalUpdate: false,
    hasGeneration: false,

    defaults(draft) {
      const spec = (draft.spec ??= {});
      spec.attachRequired ??= true;
      spec.podInfoOnMount ??= false;
      spec.storageCapacity ??= false;
      spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
      if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ['Persistent'];
      spec.requiresRepublish ??= false;
      spec.seLinuxMount ??= false;
    },

    prepareForCreate({ spec }) {
      // Kubernetes 1.36 drops it unless its feature VolumeLimitScaling is switched on.
      delete spec.preventPodSchedulingIfMissing;
    },

    // It is not 1 from the start, as of other kinds.
    prepareForUpdate(draft, old) {
      if (old.spec.preventPodSchedulingIfMissing === undefined) delete draft.spec.preventPodSchedulingIfMissing;
      if (!semanticEqual(draft.spec, old.spec)) draft.metadata.generation = (old.metadata.generation ?? 0) + 1;
    },

    validate({ spec }, old) {
      const errors: Errors = [];
      checkSpec(errors, spec, 'spec');
      if (old === undefined) return errors;
      // The name of the field in the complaint is Kubernetes' own slip.
      if (spec.attachRequired !== old.spec.attachRequired)
        errors.push(invalid('spec.attachedRequired', spec.attachRequired, immutableField));
      if (!semanticEqual(spec.volumeLifecycleModes, old.spec.volumeLifecycleModes))
        errors.push(invalid('spec.volumeLifecycleModes', spec.volumeLifecycleModes, immutableField));
      return errors;
    },

    warnings({ spec }, old) {
      const { tokenRequests = [], serviceAccountTokenInSecrets } = spec;
      const isNew = old === undefined || !semanticEqual(tokenRequests, old.spec.tokenRequests ?? []);
      return isNew && tokenRequests.length > 0 && serviceAccountTokenInSecrets === undefined ? [tokensMayBeLogged] : [];
    },
  },

  columns: {
    cells: (object, now) => {
      const { spec } = object;
      return [
        object.metadata.name,
        spec.attachRequired ?? true,
        spec.podInfoOnMount ?? false,
        spec.storageCapacity ?? false,
        spec.tokenRequests?.map(({ audience }) => audience).join(',') ?? '<unset>',
        spec.requiresRepublish ?? false,
        spec.volumeLifecycleModes?.join(',') || '<none>',
        ageOf(object, now),
      ];
    },
  },
};

const tokensMayBeLogged =
  'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes';

function checkSpec(errors: Errors, spec: Readonly<CSIDriverSpec>, field: string): void {
  checkOneOf(errors, `${field}.fsGroupPolicy`, spec.fsGroupPolicy, groupPolicies);
  checkTokenRequests(errors, spec.tokenRequests ?? [], `${field}.tokenRequests`);
  for (const mode of spec.volumeLifecycleModes ?? [])
    if (!lifecycleModes.includes(mode))
      errors.push(notSupported(`${field}.volumeLifecycleModes`, mode, lifecycleModes));
  const { nodeAllocatableUpdatePeriodSeconds: period } = spec;
  if (period !== undefined && period < 10)
    errors.push(
      invalid(`${field}.nodeAllocatableUpdatePeriodSeconds`, period, 'must be greater than or equal to 10 seconds'),
    );
  const { serviceAccountTokenInSecrets: inSecrets, tokenRequests = [] } = spec;
  if (inSecrets !== undefined && tokenRequests.length === 0) {
    const rule = 'serviceAccountTokenInSecrets is set but no tokenRequests are specified';
    errors.push(invalid(`${field}.serviceAccountTokenInSecrets`, inSecrets, rule));
  }
}

function checkTokenRequests(errors: Errors, requests: readonly TokenRequest[], field: string): void {
  const seen = new Set<string>();
  requests.forEach(({ audience = '', expirationSeconds: seconds }, i) => {
    if (seen.has(audience)) return void errors.push(duplicate(`${field}[${i}].audience`, audience));
    seen.add(audience);
    const at = `${field}[${i}].expirationSeconds`;
    if (seconds !== undefined && seconds < tenMinutes)
      errors.push(invalid(at, seconds, 'may not specify a duration less than 10 minutes'));
    if (seconds !== undefined && seconds > 2 ** 32)
      errors.push(invalid(at, seconds, 'may not specify a duration larger than 2^32 seconds'));
  });
}
