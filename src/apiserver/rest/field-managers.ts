import { inSteps, wholeOf, type Steps } from '../../base/in-steps.ts';
import { Turns } from '../../base/turns.ts';
import { schema } from '../../api/schema.ts';
import { cloneJson } from '../../apimachinery/clone.ts';
import { decodeValue } from '../../apimachinery/decode/decode.ts';
import { DecodeError } from '../../apimachinery/decode/decode-error.ts';
import { applyingConfiguration, conflictError } from '../../apimachinery/managed-fields/apply.ts';
import type { OtherVersions } from '../../apimachinery/managed-fields/other-versions.ts';
import type { FieldSet } from '../../apimachinery/managed-fields/field-set.ts';
import {
  managedFieldsAfterUpdate,
  resetFields,
  updatingManagedFields,
} from '../../apimachinery/managed-fields/update.ts';
import type { KubeObject, ManagedFieldsEntry } from '../../apimachinery/object.ts';
import { apiVersionOf } from '../../apimachinery/resource-type.ts';
import { refused } from '../../apimachinery/status.ts';
import { structureOf } from '../../apimachinery/structure.ts';
import { rfc3339 } from '../../apimachinery/time.ts';
import { booleanOption } from './boolean-option.ts';
import { fieldManagerOf, optionOf, type Core, type Operation } from './operation.ts';
import { hasStatus, type ServedVersion } from '../catalog/served-version.ts';
import { withVersions } from './converted-versions.ts';
import type { VirtualCall, VirtualResource } from './virtual-resource.ts';

/**
 * Sets `draft.metadata.managedFields` after a create, update or patch. `draft` is decoded and has its defaults, but has not
 * been through admission: what the server adds by itself belongs to nobody. Answers at once unless it takes turns.
 */
export function ownFields(
  core: Core,
  operation: Operation,
  draft: KubeObject,
  old: Readonly<KubeObject> | undefined,
): void | Promise<void> {
  const { served, request, nextTurn } = operation;
  const { subresource } = request;
  const update = {
    ...writerOf(core, operation, subresource),
    ...(old === undefined ? {} : { live: old }),
    object: draft,
    structure: served.structure,
    ignored: ignoredBy(served, subresource),
  };
  const entriesWith = (versions: OtherVersions | undefined) => {
    const request = versions === undefined ? update : { ...update, versions };
    return nextTurn === undefined
      ? managedFieldsAfterUpdate(request)
      : inSteps(Turns.of(core.context.clock), updatingManagedFields(request));
  };
  const owning = withVersions(served, old, entriesWith);
  if (!(owning instanceof Promise)) return setManagedFields(draft, owning);
  // Nobody's write fails because others wrote in a version that cannot be had: their fields count as they are.
  return owning.catch(() => entriesWith(undefined)).then((entries) => setManagedFields(draft, entries));
}

function setManagedFields({ metadata }: KubeObject, entries: readonly ManagedFieldsEntry[] | undefined): void {
  if (entries === undefined) delete metadata.managedFields;
  else metadata.managedFields = entries as ManagedFieldsEntry[];
}

/**
 * What a configuration makes of the stored object (or of nothing): a private copy with its managed fields set. Throws the
 * Conflict that names the owners of fields that it would change.
 */
export function appliedOver(
  core: Core,
  operation: Operation,
  applied: KubeObject,
  old: Readonly<KubeObject> | undefined,
  nextTurn = operation.nextTurn,
): KubeObject | Promise<KubeObject> {
  return withVersions(operation.served, old, (versions) => {
    const steps = applyingOver(core, operation, applied, old, versions);
    return nextTurn === undefined ? wholeOf(steps) : inSteps(Turns.of(core.context.clock), steps);
  });
}

function* applyingOver(
  core: Core,
  operation: Operation,
  applied: KubeObject,
  old: Readonly<KubeObject> | undefined,
  versions: OtherVersions | undefined,
): Steps<KubeObject> {
  const { served, request } = operation;
  if (applied.metadata.managedFields) throw refused.badRequest('metadata.managedFields must be nil');
  const structure = served.structure;
  const result = yield* applyingConfiguration({
    ...writerOf(core, operation, request.subresource),
    ...(old === undefined ? {} : { live: old }),
    applied,
    structure,
    versions,
    force: booleanOption(optionOf(operation, 'force')),
    ignored: ignoredBy(served, request.subresource),
  });
  if ('conflicts' in result) throw conflictError(result.conflicts);
  yield;
  const object = cloneJson(result.object);
  yield;
  try {
    return decodeValue(object, structure).value as unknown as KubeObject;
  } catch (error) {
    throw error instanceof DecodeError ? refused.other(500, undefined, error.message) : error;
  }
}

/** Sets the managed fields of an object that is answered and never stored. */
export function ownNewFields(
  core: Core,
  { type, parent }: VirtualResource,
  { options, userAgent }: VirtualCall,
  draft: KubeObject,
): void {
  const entries = managedFieldsAfterUpdate({
    manager: fieldManagerOf(options['fieldManager'], userAgent),
    apiVersion: apiVersionOf(type),
    time: rfc3339(core.context.clock.now()),
    ...(parent === undefined ? {} : { subresource: parent.subresource }),
    object: draft,
    structure: structureOf(schema, type.definition),
  });
  if (entries !== undefined) draft.metadata.managedFields = entries as ManagedFieldsEntry[];
}

/** Who writes, for the entries of managed fields. */
export function writerOf(core: Core, operation: Operation, subresource: string | undefined) {
  return {
    manager: fieldManagerOf(optionOf(operation, 'fieldManager'), operation.userAgent),
    apiVersion: operation.served.apiVersion,
    time: rfc3339(core.context.clock.now()),
    ...(subresource === undefined ? {} : { subresource }),
  };
}

const ignoredSets = new WeakMap<ServedVersion, Map<string, FieldSet>>();

/** Fields that an endpoint does not write, whatever it is sent. */
function ignoredBy(served: ServedVersion, subresource = ''): FieldSet {
  let known = ignoredSets.get(served);
  if (known === undefined) ignoredSets.set(served, (known = new Map()));
  let set = known.get(subresource);
  if (set === undefined) known.set(subresource, (set = resetFields(...pathsIgnoredBy(served, subresource))));
  return set;
}

function pathsIgnoredBy(served: ServedVersion, subresource: string): readonly string[] {
  const { strategy, subresources } = served;
  if (subresource === '') return [...(hasStatus(served) ? ['status'] : []), ...(strategy.ignores ?? [])];
  if (subresource !== 'status') return subresources?.updates?.[subresource]?.ignores ?? [];
  if (!hasStatus(served)) return [];
  const structure = served.structure;
  const members = structure.kind === 'object' ? [...structure.members.keys()] : [];
  const others = members.filter((name) => name !== 'metadata' && name !== 'status');
  const kept = (strategy.status?.keepsMetadata ?? []).map((name) => `metadata.${name}`);
  return [...others, 'metadata.deletionTimestamp', 'metadata.ownerReferences', ...kept];
}
