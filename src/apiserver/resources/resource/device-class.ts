import { DeviceClasses, type DeviceClass } from '../../../api/resource/v1/types.ts';
import { semanticEqual } from '../../../apimachinery/equality.ts';
import { invalid } from '../../../apimachinery/validation.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import type { Errors } from '../checks.ts';
import { isExtendedResource } from '../core/pod-spec/resource-names.ts';
import { checkItems } from './bounded.ts';
import { mostConfigurations } from './claim-spec.ts';
import { checkConfiguration } from './configuration.ts';
import { checkSelectors, examineSelectors } from './selectors.ts';

/** Devices that somebody may ask for by one name: which ones, and how drivers are to set them up. */
export const deviceClass: ResourceDefinition<DeviceClass> = {
  type: DeviceClasses,

  strategy: {
    hasGeneration: true,
    returnDeletedObject: true,

    defaults(draft) {
      draft.spec ??= {};
    },

    examine: ({ spec }, nextTurn) => examineSelectors(spec.selectors ?? [], nextTurn),

    validate({ spec }, old) {
      const errors: Errors = [];
      checkSelectors(errors, spec.selectors, 'spec.selectors');
      const isStored = old !== undefined && semanticEqual(spec.config, old.spec.config);
      checkItems(errors, spec.config, 'spec.config', mostConfigurations, (_, config, at) =>
        checkConfiguration(errors, config, at, isStored),
      );
      const { extendedResourceName: name } = spec;
      if (name !== undefined && !isExtendedResource(name))
        errors.push(invalid('spec.extendedResourceName', name, 'must be a valid extended resource name'));
      return errors;
    },
  },

  columns: { cells: (object, now) => [object.metadata.name, ageOf(object, now)] },
};
