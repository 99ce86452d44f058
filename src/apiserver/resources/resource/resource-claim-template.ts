import {
  ResourceClaimTemplates,
  type ResourceClaimTemplate,
  type ResourceClaimTemplateSpec,
} from '../../../api/resource/v1/types.ts';
import { semanticEqual } from '../../../apimachinery/equality.ts';
import { validateAnnotations } from '../../../apimachinery/object-meta.ts';
import { forbidden, invalid } from '../../../apimachinery/validation.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { checkLabels, immutableField, type Errors } from '../checks.ts';
import { internalForm } from '../core/pod/internal-form.ts';
import { checkAdminRequests } from './admin-access.ts';
import { metadataOrder } from '../metadata-order.ts';
import { checkClaimSpec, claimSpecDefaults, selectorsOf } from './claim-spec.ts';
import { examineSelectors } from './selectors.ts';

/** From which the claims of pods are made, one for each pod. */
export const resourceClaimTemplate: ResourceDefinition<ResourceClaimTemplate> = {
  type: ResourceClaimTemplates,

  strategy: {
    hasGeneration: false,
    returnDeletedObject: true,

    defaults(draft) {
      draft.spec ??= {} as ResourceClaimTemplateSpec;
      draft.spec.spec ??= {};
      draft.spec.spec.devices ??= {};
      claimSpecDefaults(draft.spec.spec);
    },

    examine: ({ spec }, nextTurn) => examineSelectors(selectorsOf(spec.spec), nextTurn),

    validate({ metadata, spec }, old, context) {
      const errors: Errors = [];
      if (old === undefined) checkAdminRequests(errors, spec.spec.devices?.requests, metadata.namespace!, context);
      checkMetadata(errors, spec.metadata ?? {});
      checkClaimSpec(errors, spec.spec, 'spec.spec');
      if (old !== undefined && !semanticEqual(spec, old.spec)) {
        const shown = { ...spec.metadata, Spec: internalForm(spec.spec, 'ResourceClaimSpec') };
        errors.push(invalid('spec', shown, immutableField));
      }
      return errors;
    },
  },

  columns: { cells: (object, now) => [object.metadata.name, ageOf(object, now)] },
};

/** A claim gets labels and annotations from here, and nothing else. */
const unset = metadataOrder.filter((name) => name !== 'labels' && name !== 'annotations');
type Metadata = NonNullable<ResourceClaimTemplateSpec['metadata']>;

function checkMetadata(errors: Errors, metadata: Metadata): void {
  errors.push(...validateAnnotations(metadata.annotations, 'spec.metadata.annotations'));
  checkLabels(errors, 'spec.metadata.labels', metadata.labels);
  for (const name of unset)
    // The name of the identity is Kubernetes' own slip.
    if (metadata[name]) errors.push(forbidden(`spec.metadata.${name === 'uid' ? 'uID' : name}`, 'cannot be set'));
}
