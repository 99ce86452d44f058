import { VolumeAttributesClasses, type VolumeAttributesClass } from '../../../api/storage/v1/types.ts';
import { jsonEqual } from '../../../apimachinery/equality.ts';
import { forbidden, required } from '../../../apimachinery/validation.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import type { Errors } from '../checks.ts';
import { checkParameters, checkProvisioner } from './parameters.ts';

const isDefault = 'volumeattributesclass.alpha.kubernetes.io/is-default-class';

/** What of a volume can be changed while it is in use, as its driver understands it. */
export const volumeAttributesClass: ResourceDefinition<VolumeAttributesClass> = {
  type: VolumeAttributesClasses,

  strategy: {
    returnDeletedObject: true,
    validate(object, old) {
      const errors: Errors = [];
      const { driverName = '', parameters = {} } = object;
      for (const name of ['driverName', 'parameters'] as const)
        if (old !== undefined && !jsonEqual(object[name], old[name]))
          errors.push(forbidden(name, `updates to ${name} are forbidden.`));
      checkProvisioner(errors, driverName, 'driverName');
      checkParameters(errors, parameters, 'parameters');
      if (Object.keys(parameters).length === 0)
        errors.push(required('parameters', 'must contain at least one key/value pair'));
      return errors;
    },
  },

  columns: {
    cells: (object, now) => [
      object.metadata.name + (object.metadata.annotations?.[isDefault] === 'true' ? ' (default)' : ''),
      object.driverName,
      ageOf(object, now),
    ],
  },
};
