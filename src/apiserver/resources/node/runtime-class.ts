import { RuntimeClasses, type RuntimeClass } from '../../../api/node/v1/types.ts';
import { dnsLabel } from '../../../apimachinery/names.ts';
import { duplicate, invalid, required } from '../../../apimachinery/validation.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { checkLabels, complain, immutableField, type Errors } from '../checks.ts';
import { checkContainerResources } from '../core/pod-spec/resources.ts';
import { checkTolerations } from '../core/pod-spec/tolerations.ts';

export const runtimeClass: ResourceDefinition<RuntimeClass> = {
  type: RuntimeClasses,

  strategy: {
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: false,
    hasGeneration: false,

    validate({ handler, overhead, scheduling }, old) {
      const errors: Errors = [];
      if (!handler) errors.push(required('handler'));
      else complain(errors, 'handler', handler, dnsLabel(handler));
      if (overhead?.podFixed) checkContainerResources(errors, { limits: overhead.podFixed }, new Set(), 'overhead');
      if (scheduling) checkScheduling(errors, scheduling, 'scheduling');
      if (old !== undefined && handler !== old.handler) errors.push(invalid('handler', handler, immutableField));
      return errors;
    },
  },

  columns: {
    cells: (object, now) => [object.metadata.name, object.handler, ageOf(object, now)],
  },
};

function checkScheduling(errors: Errors, scheduling: NonNullable<RuntimeClass['scheduling']>, field: string): void {
  const { nodeSelector, tolerations = [] } = scheduling;
  checkLabels(errors, `${field}.nodeSelector`, nodeSelector);
  checkTolerations(errors, tolerations, `${field}.tolerations`);
  const seen = new Set<string>();
  tolerations.forEach((toleration, i) => {
    const { key = '', operator = '', value = '', effect = '', tolerationSeconds = -1 } = toleration;
    const text = JSON.stringify([key, operator, value, effect, tolerationSeconds]);
    if (seen.has(text)) errors.push(duplicate(`${field}.tolerations[${i}]`, toleration));
    seen.add(text);
  });
}
