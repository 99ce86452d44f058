import type { ManagedFieldsEntry } from '../object.ts';
import { fieldsOfEntry, isOwn, newEntry, sorted, withFields } from './entries.ts';
import { difference, fieldSetOf, intersection, isEmptySet, union } from './field-set.ts';

/**
 * The scale subresource shows the number of replicas of an object as an object of its own. Who owns that number is told
 * by the entries of the object; these functions carry them there and back.
 */
const replicas = fieldSetOf('spec.replicas');

/** The entries of a Scale: those managers of the object that own its number of replicas. */
export function entriesOfScale(entries: readonly ManagedFieldsEntry[] | undefined): ManagedFieldsEntry[] {
  return (entries ?? [])
    .filter((entry) => !isEmptySet(intersection(fieldsOfEntry(entry), replicas)))
    .map((entry) => withFields(entry, replicas)!);
}

/**
 * The entries of the object after its Scale was written: nobody owns the replicas but those who own them in the Scale.
 * `apiVersion` is that of the object. An entry keeps its time; one that is new has none, as in Kubernetes.
 */
export function entriesFromScale(
  entries: readonly ManagedFieldsEntry[] | undefined,
  scaleEntries: readonly ManagedFieldsEntry[] | undefined,
  apiVersion: string,
): ManagedFieldsEntry[] {
  const left = new Map<ManagedFieldsEntry, ManagedFieldsEntry | undefined>();
  for (const entry of entries ?? []) left.set(entry, withFields(entry, difference(fieldsOfEntry(entry), replicas)));
  const added: ManagedFieldsEntry[] = [];
  for (const scaled of scaleEntries ?? []) {
    if (isEmptySet(intersection(fieldsOfEntry(scaled), replicas))) continue;
    const writer = { manager: scaled.manager ?? '', apiVersion, subresource: scaled.subresource ?? '' };
    const same = (entries ?? []).find((entry) => isOwn(entry, writer, scaled.operation ?? 'Update'));
    const kept = same && left.get(same);
    const fields = kept === undefined ? replicas : union(fieldsOfEntry(kept), replicas);
    if (same !== undefined) left.delete(same);
    added.push(newEntry(writer, scaled.operation ?? 'Update', same?.time, fields));
  }
  return sorted([...[...left.values()].filter((entry) => entry !== undefined), ...added]);
}
