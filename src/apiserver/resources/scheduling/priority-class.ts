import { PriorityClasses, type PriorityClass } from '../../../api/scheduling/v1/types.ts';
import { refused } from '../../../apimachinery/status.ts';
import { forbidden, invalid, notSupported, required, type FieldError } from '../../../apimachinery/validation.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { immutableField } from '../checks.ts';

const highestOfUsers = 1_000_000_000;
const policies = ['PreemptLowerPriority', 'Never'];

/** The classes that every cluster has, with their values. */
const systemPriorities: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
};

export const priorityClass: ResourceDefinition<PriorityClass> = {
  type: PriorityClasses,

  strategy: {
    hasGeneration: false,

    defaults(draft) {
      draft.preemptionPolicy ??= 'PreemptLowerPriority';
      if (draft.globalDefault === false) delete draft.globalDefault;
    },

    prepareForCreate(draft) {
      writeValue(draft);
      // Set once and never raised, unlike that of other kinds.
      draft.metadata.generation = 1;
    },
    prepareForUpdate: writeValue,

    validate: (object, old) => (old === undefined ? errorsOfNew(object) : errorsOfChange(object, old)),

    beforeDelete({ metadata }) {
      if (metadata.name in systemPriorities)
        throw refused.forbidden(
          PriorityClasses,
          metadata.name,
          'this is a system priority class and cannot be deleted',
        );
    },
  },

  columns: {
    cells: (object, now) => [
      object.metadata.name,
      object.value ?? 0,
      object.globalDefault ?? false,
      ageOf(object, now),
      object.preemptionPolicy ?? 'PreemptLowerPriority',
    ],
  },
};

/** Written even when nobody has set it, so nobody owns it. */
function writeValue(draft: PriorityClass): void {
  draft.value ??= 0;
}

function errorsOfNew(object: Readonly<PriorityClass>): FieldError[] {
  const errors: FieldError[] = [];
  const { name } = object.metadata;
  const value = object.value ?? 0;
  if (name.startsWith('system-')) {
    const why = unlikeSystemClass(object);
    const rule = "priority class names with 'system-' prefix are reserved for system use only. error: ";
    if (why !== undefined) errors.push(forbidden('metadata.name', rule + why));
  } else if (value > highestOfUsers) {
    errors.push(forbidden('value', `maximum allowed value of a user defined priority is ${highestOfUsers}`));
  }
  if ((object.preemptionPolicy as string | undefined) === '') errors.push(required('preemptionPolicy'));
  else if (!policies.includes(object.preemptionPolicy!))
    errors.push(notSupported('preemptionPolicy', object.preemptionPolicy, policies));
  return errors;
}

function unlikeSystemClass({ metadata: { name }, value, globalDefault }: Readonly<PriorityClass>): string | undefined {
  const wanted = Object.hasOwn(systemPriorities, name) ? systemPriorities[name] : undefined;
  if (wanted === undefined) return `${name} is not a known system priority class`;
  if (value !== wanted) return `value of ${name} PriorityClass must be ${wanted}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

function errorsOfChange(object: Readonly<PriorityClass>, old: Readonly<PriorityClass>): FieldError[] {
  const errors: FieldError[] = [];
  if (object.value !== old.value) errors.push(forbidden('value', 'may not be changed in an update.'));
  if (object.preemptionPolicy !== old.preemptionPolicy)
    errors.push(invalid('preemptionPolicy', object.preemptionPolicy, immutableField));
  return errors;
}
