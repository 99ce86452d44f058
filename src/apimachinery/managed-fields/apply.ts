import { wholeOf, type Steps } from '../../base/in-steps.ts';
import { emptyValue } from '../decode/shape.ts';
import { jsonEqual } from '../equality.ts';
import { goQuote } from '../go-text.ts';
import type { ManagedFieldsEntry } from '../object.ts';
import type { JsonObject } from '../patch/json-value.ts';
import { refused, type StatusCause, type StatusError } from '../status.ts';
import type { Structure } from '../structure.ts';
import { appliedFields, claimingFields } from './applied.ts';
import { compare } from './comparison.ts';
import { capped, fieldsOfEntry, isOwn, newEntry, sorted, walkFor, withFields, type Writer } from './entries.ts';
import { difference, emptySet, fieldPaths, intersection, isEmptySet, unionOf, type FieldSet } from './field-set.ts';
import { lastApplied, withLastApplied } from './last-applied.ts';
import { mergingApplied } from './merge.ts';
import { Comparisons, pruneInVersions, type OtherVersions } from './other-versions.ts';
import { afterUpdate, resetFields, type Managed } from './update.ts';

export interface ApplyRequest extends Writer {
  /** The stored object; absent when apply creates it. */
  readonly live?: Managed;
  /** The configuration as it was sent, checked with `appliedErrors`. */
  readonly applied: Managed;
  readonly structure: Structure;
  /** For a stored object that others may have written in other versions. */
  readonly versions?: OtherVersions | undefined;
  /** Take fields that other managers own. */
  readonly force: boolean;
  readonly ignored?: FieldSet;
}

export type ApplyResult =
  | {
      /**
       * To be decoded and given defaults like any object; its `metadata.managedFields` are set. Shares parts with
       * `live`.
       */
      readonly object: JsonObject;
    }
  | { readonly conflicts: readonly ApplyConflict[] };

/** Fields of another manager that the configuration would change. */
export interface ApplyConflict {
  readonly entry: ManagedFieldsEntry;
  readonly fields: FieldSet;
}

/** kubectl takes over, without force, what it once applied on the client's side. */
const kubectl = 'kubectl';

/**
 * Server-side apply: lays the configuration over the stored object, takes away what the manager applied before and nobody
 * owns, and settles who owns what. Changes neither object.
 */
export function applyConfiguration(request: ApplyRequest): ApplyResult {
  return wholeOf(applyingConfiguration(request));
}

/** The same in turns, for what is large. */
export function* applyingConfiguration(request: ApplyRequest): Steps<ApplyResult> {
  const result = yield* tryApply(request, request.force);
  if (!('conflicts' in result) || request.manager !== kubectl) return result;
  const allowed = clientSideFields(request);
  const conflicts = result.conflicts
    .map(({ entry, fields }) => ({ entry, fields: difference(fields, allowed) }))
    .filter(({ fields }) => !isEmptySet(fields));
  return conflicts.length > 0 ? { conflicts } : yield* tryApply(request, true);
}

function* tryApply(request: ApplyRequest, force: boolean): Steps<ApplyResult> {
  const { applied, structure, ignored = resetFields() } = request;
  const live = request.live ?? (emptyValue(structure) as Managed & JsonObject);
  const entries = yield* entriesBefore(request, live);
  const own = entries.find((entry) => isOwn(entry, request, 'Apply'));
  const others = entries.filter((entry) => entry !== own);
  const claimed = yield* claimingFields(applied, structure, ignored);
  yield;
  let merged = yield* mergingApplied(live, withoutEntries(applied), structure);
  if (own !== undefined) {
    // The name and what else the server keeps is claimed here, so that metadata stays when nothing else in it is owned.
    yield;
    const owned = ownedByVersion(request, yield* claimingFields(applied, structure), others);
    yield;
    merged = pruneInVersions(merged, fieldsOfEntry(own), own.apiVersion, owned, request);
  }
  yield;
  const comparisons = new Comparisons(live, merged, { ...request, ignored });
  const conflicts: ApplyConflict[] = [];
  for (const entry of others) {
    const fields = intersection(fieldsOfEntry(entry), (yield* comparisons.of(entry.apiVersion)).taken);
    if (!isEmptySet(fields)) conflicts.push({ entry, fields });
  }
  if (conflicts.length > 0 && !force) return { conflicts };

  yield;
  const walk = walkFor(others);
  const kept: (ManagedFieldsEntry | undefined)[] = [];
  for (const entry of others) {
    const { taken, removed } = yield* comparisons.of(entry.apiVersion);
    kept.push(withFields(entry, difference(difference(fieldsOfEntry(entry), taken, walk), removed, walk)));
  }
  const isUnchanged = jsonEqual(withoutEntries(merged as Managed), withoutEntries(live));
  yield;
  const time = isUnchanged ? own?.time : request.time;
  const mine = isEmptySet(claimed) ? undefined : newEntry(request, 'Apply', time, claimed);
  const managedFields = sorted(capped([...kept, mine].filter((entry) => entry !== undefined)));
  return { object: finished(merged as JsonObject & Managed, managedFields, request) };
}

/** Who owns what, by the version in which it was written; those of versions that nobody knows count in the request's. */
function ownedByVersion(
  { apiVersion, versions }: ApplyRequest,
  claimed: FieldSet,
  others: readonly ManagedFieldsEntry[],
): ReadonlyMap<string, FieldSet> {
  const sets = new Map<string, FieldSet[]>([[apiVersion, [claimed]]]);
  for (const entry of others) {
    const isKnown = entry.apiVersion !== undefined && versions?.structureOf(entry.apiVersion) !== undefined;
    const version = isKnown ? entry.apiVersion! : apiVersion;
    sets.set(version, [...(sets.get(version) ?? []), fieldsOfEntry(entry)]);
  }
  return new Map(Array.from(sets, ([version, fields]) => [version, unionOf(fields)]));
}

/** An object that nobody has been tracked on belongs, as it is, to a manager of its own before it is first applied. */
function* entriesBefore(request: ApplyRequest, live: Managed): Steps<readonly ManagedFieldsEntry[]> {
  const entries = live.metadata.managedFields ?? [];
  if (entries.length > 0 || request.live === undefined) return entries;
  const { structure, apiVersion, time, ignored, subresource } = request;
  const writer = { manager: 'before-first-apply', apiVersion, time, ...(subresource ? { subresource } : {}) };
  return yield* afterUpdate([], emptyValue(structure), live, { structure, ...writer, ...(ignored ? { ignored } : {}) });
}

function finished(merged: JsonObject & Managed, entries: ManagedFieldsEntry[], request: ApplyRequest): JsonObject {
  const object = request.manager === kubectl ? withLastApplied(merged, request.live, request.applied) : merged;
  const { managedFields: _entries, ...metadata } = (object.metadata ?? {}) as Managed['metadata'];
  return { ...object, metadata: { ...metadata, ...(entries.length > 0 ? { managedFields: entries } : {}) } };
}

function withoutEntries(object: Managed): JsonObject {
  const { managedFields: _entries, ...metadata } = object.metadata ?? {};
  return { ...object, metadata };
}

/** What the annotation of client-side apply says was applied and is still so. */
function clientSideFields({ live, structure, ignored = resetFields() }: ApplyRequest): FieldSet {
  const before = live && lastApplied(live);
  if (!before || !live) return emptySet;
  const { taken, removed } = compare(before, live, structure, ignored);
  return difference(difference(appliedFields(before, structure, ignored), taken), removed);
}

/** The refusal that names every conflict, by manager. */
export function conflictError(conflicts: readonly ApplyConflict[]): StatusError {
  const named = conflicts
    .map(({ entry, fields }) => ({ manager: managerText(entry), paths: fieldPaths(fields) }))
    .sort((a, b) => (a.manager < b.manager ? -1 : a.manager > b.manager ? 1 : 0));
  const causes: StatusCause[] = named.flatMap(({ manager, paths }) =>
    paths.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${manager}`, field })),
  );
  const [only] = causes;
  if (causes.length === 1)
    return refused.applyConflict(`Apply failed with 1 conflict: ${only!.message}: ${only!.field}`, causes);
  const lines = named.flatMap(({ manager, paths }) => [
    `conflicts with ${manager}:`,
    ...paths.map((path) => `- ${path}`),
  ]);
  return refused.applyConflict(`Apply failed with ${causes.length} conflicts: ${lines.join('\n')}`, causes);
}

function managerText({ manager = '', operation, apiVersion, subresource }: ManagedFieldsEntry): string {
  const name = goQuote(manager) + (subresource ? ` with subresource ${goQuote(subresource)}` : '');
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}
