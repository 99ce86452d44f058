import { ControllerRevisions, type ControllerRevision } from '../../../api/apps/v1/types.ts';
import { jsonEqual } from '../../../apimachinery/equality.ts';
import { controllerOf } from '../../../apimachinery/object.ts';
import { invalid, required } from '../../../apimachinery/validation.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { checkNonNegative, immutableField, type Errors } from '../checks.ts';

/** A state of a controller's template that it can go back to. */
export const controllerRevision: ResourceDefinition<ControllerRevision> = {
  type: ControllerRevisions,

  strategy: {
    hasGeneration: false,

    validate(object, old) {
      const errors: Errors = [];
      checkNonNegative(errors, 'revision', object.revision);
      if (old === undefined) checkData(errors, object.data);
      else if (!jsonEqual(object.data, old.data)) errors.push(invalid('data', object.data ?? null, immutableField));
      return errors;
    },
  },

  columns: {
    cells: (object, now) => [object.metadata.name, ownerCell(object), object.revision ?? 0, ageOf(object, now)],
  },
};

function checkData(errors: Errors, data: unknown): void {
  if (data === undefined || data === null) errors.push(required('data', 'data is mandatory'));
  else if (typeof data !== 'object' || Array.isArray(data))
    errors.push(required('data', 'data must be a valid JSON object'));
}

/** `statefulset.apps/web` */
function ownerCell(object: Readonly<ControllerRevision>): string {
  const owner = controllerOf(object);
  if (owner === undefined) return '<none>';
  const slash = owner.apiVersion.indexOf('/');
  const group = slash < 0 ? '' : `.${owner.apiVersion.slice(0, slash)}`;
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
}
