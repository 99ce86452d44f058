import { ConfigMaps, type ConfigMap } from '../../../api/core/v1/types.ts';
import { semanticEqual } from '../../../apimachinery/equality.ts';
import { byteLength } from '../../../apimachinery/go-text.ts';
import { forbidden, invalid, tooLong } from '../../../apimachinery/validation.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { checkConfigKey, type Errors } from '../checks.ts';
import { base64Length } from './base64.ts';

export const mostBytes = 1024 * 1024;
export const frozen = 'field is immutable when `immutable` is set';

/** Configuration for pods: texts and bytes by key. */
export const configMap: ResourceDefinition<ConfigMap> = {
  type: ConfigMaps,

  strategy: {
    hasGeneration: false,

    validate(object, old) {
      const errors: Errors = [];
      if (old?.immutable === true) {
        if (object.immutable !== true) errors.push(forbidden('immutable', frozen));
        if (!semanticEqual(object.data, old.data)) errors.push(forbidden('data', frozen));
        if (!semanticEqual(object.binaryData, old.binaryData)) errors.push(forbidden('binaryData', frozen));
      }
      const { data = {}, binaryData = {} } = object;
      let size = 0;
      for (const key of Object.keys(data)) {
        checkConfigKey(errors, `data[${key}]`, key);
        if (Object.hasOwn(binaryData, key))
          errors.push(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'));
        size += byteLength(data[key]!);
      }
      for (const key of Object.keys(binaryData)) {
        checkConfigKey(errors, `binaryData[${key}]`, key);
        size += base64Length(binaryData[key]!);
      }
      // The whole object is too long: no field to name.
      if (size > mostBytes) errors.push(tooLong('[]', mostBytes));
      return errors;
    },
  },

  columns: {
    cells: (object, now) => [
      object.metadata.name,
      Object.keys(object.data ?? {}).length + Object.keys(object.binaryData ?? {}).length,
      ageOf(object, now),
    ],
  },
};
