import { byteLength, goQuote } from './go-text.ts';
import { fieldManagerName, labelNames, labelValueText, qualifiedName, type ObjectNameRule } from './names.ts';
import type { ManagedFieldsEntry, ObjectMeta, OwnerReference } from './object.ts';
import { parseTime } from './time.ts';
import { forbidden, invalid, mostErrors, required, tooLong, type FieldError } from './validation.ts';

type Meta = Readonly<ObjectMeta>;
export type Labels = Readonly<Record<string, string>>;

const maximumAnnotationBytes = 256 * 1024;
const maximumManagerBytes = 128;
const maximumSubresourceBytes = 256;
/** Finalizers without a domain that Kubernetes itself knows. */
const plainFinalizers = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

export interface ObjectMetaRules {
  readonly namespaced: boolean;
  readonly nameRule: ObjectNameRule;
  /** Where the metadata is (default `metadata`). */
  readonly path?: string;
  /** Custom resources may have finalizers without a domain; built-in kinds only the known ones (default false). */
  readonly anyFinalizer?: boolean;
}

/** Errors in the metadata of an object that is to be created. A generated name is already filled in. */
export function validateObjectMeta(meta: Meta, rules: ObjectMetaRules): FieldError[] {
  const { path = 'metadata', nameRule } = rules;
  const errors: FieldError[] = [];
  const { name, generateName, namespace } = meta;
  if (generateName)
    for (const complaint of nameRule(generateName, true))
      errors.push(invalid(`${path}.generateName`, generateName, complaint));
  if (!name) errors.push(required(`${path}.name`, 'name or generateName is required'));
  else for (const complaint of nameRule(name, false)) errors.push(invalid(`${path}.name`, name, complaint));

  if (!rules.namespaced) {
    if (namespace) errors.push(forbidden(`${path}.namespace`, 'not allowed on this type'));
  } else if (!namespace) {
    errors.push(required(`${path}.namespace`));
  } else {
    for (const complaint of labelNames(namespace, false))
      errors.push(invalid(`${path}.namespace`, namespace, complaint));
  }
  addGenerationErrors(meta, path, errors);
  addSharedErrors(meta, path, errors);
  addFinalizerErrors(meta, path, rules.anyFinalizer === true, errors, true);
  addManagedFieldsErrors(meta.managedFields, `${path}.managedFields`, errors);
  return errors;
}

/** Errors in the metadata of an update, before the server's own fields are put back. */
export function validateObjectMetaUpdate(
  meta: Meta,
  old: Meta,
  rules: { readonly path?: string; readonly anyFinalizer?: boolean } = {},
): FieldError[] {
  const { path = 'metadata' } = rules;
  const errors: FieldError[] = [];
  if (old.deletionTimestamp !== undefined) addNewFinalizerErrors(meta, old, path, errors);
  addGenerationErrors(meta, path, errors);
  if ((meta.generation ?? 0) < (old.generation ?? 0))
    errors.push(invalid(`${path}.generation`, meta.generation ?? 0, 'must not be decremented'));
  for (const field of ['name', 'namespace', 'uid'] as const)
    if ((meta[field] ?? '') !== (old[field] ?? ''))
      errors.push(invalid(`${path}.${field}`, meta[field] ?? '', 'field is immutable'));
  for (const field of ['creationTimestamp', 'deletionTimestamp'] as const)
    if (!sameTime(meta[field], old[field]))
      errors.push(invalid(`${path}.${field}`, meta[field] ?? null, 'field is immutable'));
  if (meta.deletionGracePeriodSeconds !== old.deletionGracePeriodSeconds)
    errors.push(
      invalid(`${path}.deletionGracePeriodSeconds`, meta.deletionGracePeriodSeconds ?? null, 'field is immutable'),
    );
  addSharedErrors(meta, path, errors);
  addManagedFieldsErrors(meta.managedFields, `${path}.managedFields`, errors);
  addFinalizerErrors(meta, path, rules.anyFinalizer === true, errors, false);
  return errors;
}

/** Errors in a map of labels, as {@link validateObjectMeta} finds them. */
export function validateLabels(labels: Labels, path: string): FieldError[] {
  const errors: FieldError[] = [];
  addLabelErrors(labels, path, errors);
  return errors;
}

/** Errors in a map of labels; all are reported at `path` itself, as Kubernetes does. */
function addLabelErrors(labels: Labels, path: string, errors: FieldError[]): void {
  for (const name in labels) {
    if (errors.length >= mostErrors) return;
    for (const complaint of qualifiedName(name)) errors.push(invalid(path, name, complaint));
    const value = labels[name]!;
    for (const complaint of labelValueText(value)) errors.push(invalid(path, value, complaint));
  }
}

/**
 * Errors in a map of annotations: keys as of labels (but capitals are allowed in the prefix), values of any kind, 256
 * KiB in all.
 */
export function validateAnnotations(annotations: Labels | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const name in annotations) {
    if (errors.length >= mostErrors) return errors;
    for (const complaint of qualifiedName(name.toLowerCase())) errors.push(invalid(path, name, complaint));
    bytes += byteLength(name) + byteLength(annotations[name]!);
  }
  if (bytes > maximumAnnotationBytes) errors.push(tooLong(path, maximumAnnotationBytes));
  return errors;
}

function addGenerationErrors(meta: Meta, path: string, errors: FieldError[]): void {
  if ((meta.generation ?? 0) < 0)
    errors.push(invalid(`${path}.generation`, meta.generation, 'must be greater than or equal to 0'));
}

function addSharedErrors(meta: Meta, path: string, errors: FieldError[]): void {
  if (meta.labels) addLabelErrors(meta.labels, `${path}.labels`, errors);
  if (meta.annotations) errors.push(...validateAnnotations(meta.annotations, `${path}.annotations`));
  if (meta.ownerReferences) addOwnerErrors(meta.ownerReferences, `${path}.ownerReferences`, errors);
}

function addOwnerErrors(owners: readonly OwnerReference[], path: string, errors: FieldError[]): void {
  let controller: string | undefined;
  for (const owner of owners) {
    const version = owner.apiVersion?.split('/').pop() ?? '';
    if (version === '') errors.push(invalid(`${path}.apiVersion`, owner.apiVersion ?? '', 'version must not be empty'));
    for (const field of ['kind', 'name', 'uid'] as const)
      if (!owner[field]) errors.push(invalid(`${path}.${field}`, '', 'must not be empty'));
    if (owner.apiVersion === 'v1' && owner.kind === 'Event')
      errors.push(invalid(path, owner, '/v1, Kind=Event is disallowed from being an owner'));
    if (owner.controller !== true) continue;
    const named = `${owner.kind}/${owner.name}`;
    if (controller === undefined) controller = named;
    else
      errors.push(
        invalid(
          path,
          owners,
          `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${named}`,
        ),
      );
  }
}

function addFinalizerErrors(meta: Meta, path: string, any: boolean, errors: FieldError[], names: boolean): void {
  const finalizers = meta.finalizers;
  if (!finalizers || finalizers.length === 0) return;
  if (names) {
    for (const finalizer of finalizers) {
      if (errors.length >= mostErrors) return;
      for (const complaint of qualifiedName(finalizer))
        errors.push(invalid(`${path}.finalizers`, finalizer, complaint));
    }
    if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion'))
      errors.push(
        invalid(`${path}.finalizers`, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'),
      );
  }
  if (any) return;
  for (const [index, finalizer] of finalizers.entries())
    if (!finalizer.includes('/') && !plainFinalizers.has(finalizer))
      errors.push(
        invalid(
          `${path}.finalizers[${index}]`,
          finalizer,
          'name is neither a standard finalizer name nor is it fully qualified',
        ),
      );
}

function addNewFinalizerErrors(meta: Meta, old: Meta, path: string, errors: FieldError[]): void {
  const known = new Set(old.finalizers);
  const added = [...new Set(meta.finalizers)].filter((finalizer) => !known.has(finalizer)).sort();
  if (added.length === 0) return;
  const shown = `[]string{${added.map(goQuote).join(', ')}}`;
  errors.push(
    forbidden(
      `${path}.finalizers`,
      `no new finalizers can be added if the object is being deleted, found new finalizers ${shown}`,
    ),
  );
}

function addManagedFieldsErrors(
  entries: readonly ManagedFieldsEntry[] | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (entries === undefined) return;
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index]!;
    const at = `${path}[${index}]`;
    if (entry.operation !== 'Apply' && entry.operation !== 'Update')
      errors.push(invalid(`${at}.operation`, entry.operation ?? '', 'must be `Apply` or `Update`'));
    if (entry.fieldsType && entry.fieldsType !== 'FieldsV1')
      errors.push(invalid(`${at}.fieldsType`, entry.fieldsType, 'must be `FieldsV1`'));
    addManagerErrors(entry.manager ?? '', `${at}.manager`, errors);
    if (byteLength(entry.subresource ?? '') > maximumSubresourceBytes)
      errors.push(tooLong(`${at}.subresource`, maximumSubresourceBytes));
  }
}

/** Errors in the name of a field manager: 128 bytes at most, printable characters only. */
export function validateFieldManager(manager: string, path: string): FieldError[] {
  const errors: FieldError[] = [];
  addManagerErrors(manager, path, errors);
  return errors;
}

const plainManager = /^[\x20-\x7e]*$/;

function addManagerErrors(manager: string, path: string, errors: FieldError[]): void {
  if (manager.length <= maximumManagerBytes && plainManager.test(manager)) return;
  if (byteLength(manager) > maximumManagerBytes) errors.push(tooLong(path, maximumManagerBytes));
  for (const complaint of fieldManagerName(manager)) errors.push(invalid(path, manager, complaint));
}

function sameTime(a: string | undefined | null, b: string | undefined | null): boolean {
  if (a === b) return true;
  if (!a || !b) return !a && !b;
  const left = parseTime(a);
  return left !== undefined && left === parseTime(b);
}
