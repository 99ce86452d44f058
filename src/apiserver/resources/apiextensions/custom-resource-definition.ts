import {
  CustomResourceDefinitions,
  type CustomResourceDefinition,
  type CustomResourceDefinitionNames,
  type CustomResourceDefinitionSpec,
} from '../../../api/apiextensions/v1/types.ts';
import { goQuote } from '../../../apimachinery/go-text.ts';
import { invalid, type FieldError } from '../../../apimachinery/validation.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { isKnownFormat } from '../../schema/formats.ts';
import { someSchema } from '../../schema/json-schema.ts';
import { definitionRules } from '../../schema/rules/definition-rules.ts';
import { approvalErrors } from './approval.ts';
import { withCondition } from './conditions.ts';
import { shapeInnerSchemas } from './inner-schemas.ts';
import { specErrors } from './spec-errors.ts';
import { nameErrors } from './version-checks.ts';

type Definition = Readonly<CustomResourceDefinition>;

/** Keeps a deleted definition until its objects are gone. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

/** Brings a kind of somebody's own. */
export const customResourceDefinition: ResourceDefinition<CustomResourceDefinition> = {
  type: CustomResourceDefinitions,

  strategy: {
    allowUnconditionalUpdate: false,
    garbageCollection: 'unsupported',
    anyFinalizer: true,

    defaults(draft) {
      const spec = (draft.spec ??= {} as CustomResourceDefinitionSpec);
      const names = (spec.names ??= {} as CustomResourceDefinitionNames);
      names.singular ||= (names.kind ?? '').toLowerCase();
      if (names.kind) names.listKind ||= `${names.kind}List`;
      if (names.singular === '') delete names.singular;
      spec.conversion ??= { strategy: 'None' };
      const service = spec.conversion.webhook?.clientConfig?.service;
      if (service !== undefined) service.port ??= 443;
      spec.versions ??= [];
      shapeInnerSchemas(spec.versions);
      const stored = spec.versions.find(({ storage }) => storage);
      if (draft.status !== undefined && stored !== undefined && (draft.status?.storedVersions ?? []).length === 0)
        draft.status = { ...draft.status, storedVersions: [stored.name] };
    },

    prepareForCreate(draft) {
      const stored = draft.spec.versions.find(({ storage }) => storage);
      draft.status = {
        conditions: null,
        acceptedNames: { plural: '', kind: '' },
        storedVersions: stored === undefined ? null : [stored.name],
      };
    },

    prepareForUpdate(draft) {
      const stored = draft.spec.versions.find(({ storage }) => storage);
      const before = draft.status?.storedVersions ?? [];
      if (stored === undefined || before.includes(stored.name)) return;
      draft.status = { ...draft.status, storedVersions: [...before, stored.name] };
    },

    *validateRules(definition, old) {
      return [
        ...(old === undefined ? wrongName(definition) : []),
        ...(yield* specErrors(definition, old, definitionRules)),
        ...nameErrors(definition.status?.acceptedNames ?? {}, 'status.acceptedNames'),
        ...storedVersionErrors(definition),
        ...approvalErrors(definition, old),
        ...preservingErrors(definition, old),
      ];
    },

    warnings(definition, old) {
      const before = new Set(old === undefined ? [] : unknownFormats(old));
      return unknownFormats(definition)
        .filter((format) => !before.has(format))
        .map((format) => `unrecognized format ${goQuote(format)}`);
    },

    beginDeletion(draft) {
      const { metadata } = draft;
      // A definition has no grace, and its deletion is no change of what it says.
      delete metadata.deletionGracePeriodSeconds;
      if (metadata.generation !== undefined) metadata.generation--;
      if (!metadata.finalizers?.includes(cleanupFinalizer))
        metadata.finalizers = [...(metadata.finalizers ?? []), cleanupFinalizer];
      draft.status = {
        ...draft.status,
        conditions: withCondition(
          draft.status?.conditions,
          {
            type: 'Terminating',
            status: 'True',
            reason: 'InstanceDeletionPending',
            message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
          },
          Date.parse(metadata.deletionTimestamp!),
        ),
      };
    },

    status: {
      validate: ({ status }) => nameErrors(status?.acceptedNames ?? {}, 'status.acceptedNames'),
    },
  },
};

function wrongName({ metadata: { name }, spec }: Definition): FieldError[] {
  if (name === `${spec.names.plural}.${spec.group}`) return [];
  return [invalid('metadata.name', name, 'must be spec.names.plural+"."+spec.group')];
}

function storedVersionErrors({ spec, status }: Definition): FieldError[] {
  const path = 'status.storedVersions';
  const stored = status?.storedVersions ?? [];
  if (stored.length === 0) return [invalid(path, stored, 'must have at least one stored version')];
  const errors: FieldError[] = [];
  for (const { name, storage } of spec.versions)
    if (storage && !stored.includes(name)) errors.push(invalid(path, stored, `must have the storage version ${name}`));
  for (const [at, name] of stored.entries())
    if (spec.versions.every((version) => version.name !== name))
      errors.push(
        invalid(
          `${path}[${at}]`,
          name,
          `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`,
        ),
      );
  return errors;
}

function preservingErrors({ spec }: Definition, old: Definition | undefined): FieldError[] {
  if (spec.preserveUnknownFields !== true || old?.spec.preserveUnknownFields === true) return [];
  return [
    invalid(
      'spec.preserveUnknownFields',
      true,
      'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
    ),
  ];
}

/** Formats that mean nothing for the type that they are asked of. */
function unknownFormats({ spec: { versions } }: Definition): string[] {
  const found: string[] = [];
  const roots = versions.flatMap(({ schema }) => schema?.openAPIV3Schema ?? []);
  for (const root of roots)
    someSchema(root, ({ format, type }) => {
      if (format && !isKnownFormat(format, type)) found.push(format);
      return false;
    });
  return found;
}
