import { CustomResourceDefinitions, type CustomResourceSubresources } from '../../api/apiextensions/v1/types.ts';
import { qualifiedName } from '../../apimachinery/names.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import type { JsonObject } from '../../apimachinery/patch/json-value.ts';
import { apiVersionOf, groupResourceOf, type ResourceType } from '../../apimachinery/resource-type.ts';
import { refused } from '../../apimachinery/status.ts';
import { invalid, type FieldError } from '../../apimachinery/validation.ts';
import { goQuote } from '../../apimachinery/go-text.ts';
import type { ServerContext } from '../context.ts';
import type { Steps } from '../../base/in-steps.ts';
import { isTrue } from '../resources/apiextensions/conditions.ts';
import type { Strategy } from '../rest/strategy.ts';
import { embeddedErrors } from '../schema/embedded-metadata.ts';
import { fillDefaults, mostFilled } from '../schema/fill.ts';
import { propertySchema, type JsonSchema } from '../schema/json-schema.ts';
import { repeatedItemErrors } from '../schema/list-items.ts';
import { hasRules, ruleSteps } from '../schema/rules/rule-check.ts';
import { valueErrors } from '../schema/value-check.ts';
import { scaleErrors } from './scale.ts';

type Custom = KubeObject & { status?: unknown };
type Errors = FieldError[];

export interface CustomVersion {
  readonly type: ResourceType;
  readonly schema: JsonSchema;
  readonly subresources: Readonly<CustomResourceSubresources> | undefined;
}

/** What is done with objects of a custom kind when they are written. */
export function customStrategy({ type, schema, subresources }: CustomVersion): Strategy<Custom> {
  const scale = subresources?.scale;
  const errorsOfScale = (object: Readonly<Custom>, which: 'all' | 'status') =>
    scale === undefined ? [] : scaleErrors(object, scale, which);
  const validateRules = (
    object: Readonly<Custom>,
    old: Readonly<Custom> | undefined,
    errors: readonly FieldError[],
  ): Steps<Errors> => {
    // The generic code tells of the missing name.
    const isNameless = object.metadata.name === '';
    if (isNameless || errors.some(({ reason }) => blocking.has(reason))) return onlyUnchecked();
    return ruleSteps(object, old, schema, { isResource: true });
  };
  const rules = hasRules(schema) ? { validateRules } : {};
  const fillAll = (draft: Custom): void => {
    if (!fillDefaults(draft, schema))
      throw refused.tooLarge(`Request entity too large: limit is ${mostFilled} values that defaults bring`);
  };
  return {
    allowUnconditionalUpdate: false,
    anyFinalizer: true,
    checksMetadataOnce: true,
    hasGeneration: true,
    countsStatus: subresources?.status === undefined,

    defaults: fillAll,

    prepareForCreate(draft, context) {
      draft.metadata.generation = 1;
      refuseWhileTerminating(type, draft, context);
    },

    validate(object, old) {
      checkType(object, type);
      const json = object as unknown as JsonObject;
      return [
        ...valueErrors(object, schema, '', old === undefined ? undefined : { old, schema }),
        ...errorsOfScale(object, 'all'),
        ...embeddedErrors(object, schema),
        ...repeatedErrors(json, old as JsonObject | undefined, schema),
      ];
    },
    ...rules,

    // A create brings no status; every reader sees what its defaults make of that.
    canonicalize(draft) {
      if (subresources?.status !== undefined) fillAll(draft);
    },

    warnings: (object, old) => finalizerWarnings(object, old),

    status: {
      keepsMetadata: ['labels', 'annotations', 'finalizers', 'ownerReferences'],
      validate(object, old) {
        checkType(object, type);
        const own = propertySchema(schema, 'status');
        const before = (old as Custom).status;
        const status = (object as Custom).status;
        return [
          ...(own === undefined || status === undefined
            ? []
            : valueErrors(status, own, 'status', before === undefined ? undefined : { old: before, schema: own })),
          ...errorsOfScale(object, 'status'),
          ...repeatedErrors(object as unknown as JsonObject, old as unknown as JsonObject, schema),
        ];
      },
      ...rules,
    },
  };
}

// eslint-disable-next-line require-yield
function* onlyUnchecked(): Steps<Errors> {
  return [unchecked];
}

const blocking: ReadonlySet<FieldError['reason']> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

const unchecked: FieldError = {
  reason: 'FieldValueInvalid',
  field: '<nil>',
  message:
    'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
};

/** Lists that had repeated items before may have them still. */
function repeatedErrors(object: JsonObject, old: JsonObject | undefined, schema: JsonSchema): FieldError[] {
  const errors = repeatedItemErrors(object, schema);
  if (errors.length === 0 || old === undefined) return errors;
  return repeatedItemErrors(old, schema).length > 0 ? [] : errors;
}

/** What an object says that it is comes first: a wrong kind is told alone, and under its own name. */
function checkType({ kind = '', apiVersion = '', metadata }: Readonly<KubeObject>, type: ResourceType): void {
  const errors: Errors = [];
  if (kind !== type.kind) errors.push(invalid('kind', kind, `must be ${type.kind}`));
  if (apiVersion !== apiVersionOf(type))
    errors.push(invalid('apiVersion', apiVersion, `must be ${apiVersionOf(type)}`));
  if (errors.length > 0) throw refused.invalid({ group: type.group, kind }, metadata.name, errors);
}

function refuseWhileTerminating(type: ResourceType, { metadata }: KubeObject, context: ServerContext): void {
  const definition = context.lookup(CustomResourceDefinitions, { name: groupResourceOf(type) });
  if (definition === undefined || !isTrue(definition, 'Terminating')) return;
  throw refused.forbidden(type, metadata.name, 'create not allowed while custom resource definition is terminating');
}

const standardFinalizers = new Set(['orphan', 'foregroundDeletion', 'kubernetes']);

function finalizerWarnings({ metadata }: Readonly<KubeObject>, old: Readonly<KubeObject> | undefined): string[] {
  const before = new Set(old?.metadata.finalizers);
  const added = [...new Set(metadata.finalizers)].filter((name) => !before.has(name)).sort();
  return added.flatMap((name) => {
    const about = (why: string) => `metadata.finalizers: ${goQuote(name)}: ${why}`;
    const warnings = qualifiedName(name).map(about);
    if (name.includes('/') || standardFinalizers.has(name)) return warnings;
    const how = name.includes('.') ? 'name including a path (/)' : 'name';
    return [
      ...warnings,
      about(`prefer a domain-qualified finalizer ${how} to avoid accidental conflicts with other finalizer writers`),
    ];
  });
}
