import { Namespaces, type Namespace } from '../../../api/core/v1/types.ts';
import { labelNames, qualifiedName } from '../../../apimachinery/names.ts';
import { refused } from '../../../apimachinery/status.ts';
import { invalid } from '../../../apimachinery/validation.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { complain, type Errors } from '../checks.ts';

const nameLabel = 'kubernetes.io/metadata.name';
const ownFinalizer = 'kubernetes';
/** Without these there would be no cluster any more. */
const everlasting = new Set(['default', 'kube-system', 'kube-public']);

/** A place for names; deleting it deletes what is in it. It stays until the finalizers in its spec are gone. */
export const namespace: ResourceDefinition<Namespace> = {
  type: Namespaces,

  strategy: {
    nameRule: labelNames,
    hasGeneration: false,
    returnDeletedObject: true,

    defaults(draft) {
      draft.spec ??= {};
      if (draft.metadata.name) (draft.metadata.labels ??= {})[nameLabel] = draft.metadata.name;
    },

    // One whose name was generated has its defaults from before.
    canonicalize({ metadata }) {
      (metadata.labels ??= {})[nameLabel] = metadata.name;
    },

    prepareForCreate(draft) {
      draft.status = { phase: 'Active' };
      const finalizers = (draft.spec.finalizers ??= []);
      if (!finalizers.includes(ownFinalizer)) finalizers.push(ownFinalizer);
    },

    prepareForUpdate(draft, old) {
      if (old.spec?.finalizers === undefined) delete draft.spec.finalizers;
      else draft.spec.finalizers = [...old.spec.finalizers];
    },

    validate(object, old) {
      const errors: Errors = [];
      if (old === undefined)
        for (const name of object.spec?.finalizers ?? []) checkFinalizer(errors, name, 'spec.finalizers');
      return errors;
    },

    beforeDelete({ metadata }) {
      if (everlasting.has(metadata.name))
        throw refused.forbidden(Namespaces, metadata.name, 'this namespace may not be deleted');
    },

    beginDeletion(draft) {
      // It ends when it is empty, not when a time is over.
      delete draft.metadata.deletionGracePeriodSeconds;
      (draft.status ??= {}).phase = 'Terminating';
    },

    isHeld: ({ spec }) => (spec?.finalizers?.length ?? 0) > 0,

    status: {
      validate(object) {
        const errors: Errors = [];
        const phase = object.status?.phase ?? '';
        const isEnding = object.metadata.deletionTimestamp !== undefined;
        if (!isEnding && phase !== 'Active')
          errors.push(invalid('status.Phase', phase, "may only be 'Active' if `deletionTimestamp` is empty"));
        if (isEnding && phase !== 'Terminating')
          errors.push(invalid('status.Phase', phase, "may only be 'Terminating' if `deletionTimestamp` is not empty"));
        return errors;
      },
    },
  },

  columns: {
    cells: (object, now) => [object.metadata.name, object.status?.phase ?? '', ageOf(object, now)],
  },

  selectableFields: { 'status.phase': (object) => object.status?.phase ?? '' },

  subresources: {
    updates: {
      finalize: {
        writesMetadata: true,
        apply(draft, wanted) {
          draft.spec ??= {};
          if (wanted.spec?.finalizers?.length) draft.spec.finalizers = [...wanted.spec.finalizers];
          else delete draft.spec.finalizers;
        },
        validate(object) {
          const errors: Errors = [];
          object.spec?.finalizers?.forEach((name, i) => checkFinalizer(errors, name, `spec.finalizers[${i}]`));
          return errors;
        },
      },
    },
  },
};

const standardFinalizers = new Set([ownFinalizer, 'orphan', 'foregroundDeletion']);

function checkFinalizer(errors: Errors, name: string, field: string): void {
  complain(errors, field, name, qualifiedName(name));
  if (!name.includes('/') && !standardFinalizers.has(name))
    errors.push(invalid(field, name, 'name is neither a standard finalizer name nor is it fully qualified'));
}
