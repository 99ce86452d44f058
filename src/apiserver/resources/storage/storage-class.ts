import type { TopologySelectorTerm } from '../../../api/core/v1/types.ts';
import { StorageClasses, type StorageClass } from '../../../api/storage/v1/types.ts';
import { jsonEqual } from '../../../apimachinery/equality.ts';
import { duplicate, invalid, required } from '../../../apimachinery/validation.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { checkOneOf, checkQualifiedName, immutableField, type Errors } from '../checks.ts';
import { isDefaultClass } from '../../../api/storage/default-class.ts';
import { checkParameters, checkProvisioner } from './parameters.ts';

const immutable = ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'] as const;

/** A kind of storage that claims can ask for by name, and who makes it. */
export const storageClass: ResourceDefinition<StorageClass> = {
  type: StorageClasses,

  strategy: {
    returnDeletedObject: true,
    defaults(draft) {
      draft.reclaimPolicy ??= 'Delete';
      draft.volumeBindingMode ??= 'Immediate';
    },

    validate(object, old) {
      const errors: Errors = [];
      checkProvisioner(errors, object.provisioner ?? '', 'provisioner');
      checkParameters(errors, object.parameters ?? {}, 'parameters');
      if (object.reclaimPolicy) checkOneOf(errors, 'reclaimPolicy', object.reclaimPolicy, ['Delete', 'Retain']);
      checkOneOf(errors, 'volumeBindingMode', object.volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']);
      checkTopologies(errors, object.allowedTopologies ?? [], 'allowedTopologies');
      if (old !== undefined)
        for (const name of immutable)
          if (!jsonEqual(object[name], old[name])) errors.push(invalid(name, object[name] ?? null, immutableField));
      return errors;
    },
  },

  columns: {
    cells: (object, now) => [
      object.metadata.name + (isDefaultClass(object) ? ' (default)' : ''),
      object.provisioner,
      object.reclaimPolicy ?? 'Delete',
      object.volumeBindingMode ?? 'Immediate',
      object.allowVolumeExpansion ?? false,
      ageOf(object, now),
    ],
  },
};

function checkTopologies(errors: Errors, topologies: readonly TopologySelectorTerm[], field: string): void {
  const seen = new Set<string>();
  topologies.forEach(({ matchLabelExpressions = [] }, i) => {
    const at = `${field}[${i}].matchLabelExpressions`;
    const term = new Map<string, string>();
    matchLabelExpressions.forEach(({ key = '', values: given }, j) => {
      // Null where the client left them out.
      const values = (given as string[] | null) ?? [];
      if (values.length === 0) errors.push(required(`${at}[${j}].values`));
      values.forEach((value, k) => {
        if (values.indexOf(value) < k) errors.push(duplicate(`${at}[${j}].values[${k}]`, value));
      });
      checkQualifiedName(errors, `${at}[${j}].key`, key);
      if (term.has(key)) errors.push(duplicate(`${at}[${j}].key`, key));
      term.set(key, JSON.stringify([...new Set(values)].sort()));
    });
    // Kubernetes takes a term without expressions for one that it has seen.
    const form = JSON.stringify([...term].sort());
    if (term.size === 0 || seen.has(form)) errors.push(duplicate(at, ''));
    seen.add(form);
  });
}
