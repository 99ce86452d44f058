import { cloneJson } from '../../apimachinery/clone.ts';
import { jsonEqual, semanticEqual } from '../../apimachinery/equality.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import type { Core, Operation } from './operation.ts';
import { hasStatus } from '../catalog/served-version.ts';

type Fields = Record<string, unknown>;

/** What a change of `generation` does not tell of. */
const unversioned: ReadonlySet<string> = new Set(['metadata', 'kind', 'apiVersion', 'status']);

/** What only the server sets is put back, whatever the client sent. */
export function keepServerFields(draft: KubeObject, old: Readonly<KubeObject>): void {
  const { metadata } = draft;
  const was = old.metadata;
  // A client that says another one hears of it.
  metadata.uid ||= was.uid!;
  metadata.creationTimestamp = was.creationTimestamp!;
  metadata.resourceVersion = was.resourceVersion!;
  if (was.namespace !== undefined) metadata.namespace = was.namespace;
  delete metadata.selfLink;
  if (was.generation === undefined) delete metadata.generation;
  else metadata.generation = was.generation;
  if (was.deletionTimestamp !== undefined) metadata.deletionTimestamp ??= was.deletionTimestamp;
  if (was.deletionGracePeriodSeconds !== undefined)
    metadata.deletionGracePeriodSeconds ??= was.deletionGracePeriodSeconds;
  if (!metadata.generateName && was.generateName !== undefined) metadata.generateName = was.generateName;
}

/**
 * The main endpoint cannot write status, and the status endpoint nothing else. What is kept is shared with `old`, and
 * frozen: whoever prepares the object changes only what its endpoint may write.
 */
export function keepOtherEndpointsFields(
  { served, request }: Operation,
  core: Core,
  draft: KubeObject,
  old: Readonly<KubeObject>,
): void {
  const from = old as unknown as Fields;
  const to = draft as unknown as Fields;
  if (request.subresource === undefined) {
    if (hasStatus(served)) keep(from, to, 'status');
  } else if (request.subresource === 'status') {
    for (const field in to) if (!unversioned.has(field)) keep(from, to, field);
    for (const field in from) if (!unversioned.has(field)) keep(from, to, field);
    const { finalizers: _, ...kept } = old.metadata; // who may add one may also take it away
    draft.metadata = { ...kept, ...statusMetadata(draft) };
    const metadata = draft.metadata as unknown as Fields;
    for (const field of served.strategy.status?.keepsMetadata ?? [])
      keep(old.metadata as unknown as Fields, metadata, field);
  } else {
    const subresource = served.subresources?.updates?.[request.subresource];
    if (subresource === undefined) return;
    const wanted: KubeObject = { ...draft, metadata: { ...draft.metadata } };
    for (const field in to) if (!(field in from)) delete to[field];
    // The subresource changes some depth of it.
    for (const field in from) to[field] = cloneJson(from[field]);
    if (subresource.writesMetadata) draft.metadata = wanted.metadata;
    else draft.metadata.managedFields = wanted.metadata.managedFields!;
    subresource.apply(draft, wanted, core.context);
  }
}

function keep(from: Fields, to: Fields, field: string): void {
  if (from[field] === undefined) delete to[field];
  else to[field] = from[field];
}

/** What of the metadata a write through `/status` may change. */
function statusMetadata({ metadata }: KubeObject): Partial<KubeObject['metadata']> {
  const { labels, annotations, managedFields, finalizers, ownerReferences } = metadata;
  const kept: Partial<KubeObject['metadata']> = {
    ...(labels && { labels }),
    ...(annotations && { annotations }),
    ...(managedFields && { managedFields }),
  };
  return { ...kept, ...(finalizers && { finalizers }), ...(ownerReferences && { ownerReferences }) };
}

/** Counts a change of anything but metadata and status, and of what the kind counts besides. */
export function raiseGeneration({ served }: Operation, draft: KubeObject, old: Readonly<KubeObject>): void {
  const was = old.metadata.generation;
  const { hasGeneration, generationCounts: counted, countsStatus } = served.strategy;
  if (was === undefined || hasGeneration === false) return;
  if (counted !== undefined && !semanticEqual(draft.metadata[counted], old.metadata[counted])) {
    draft.metadata.generation = was + 1;
    return;
  }
  const from = old as unknown as Fields;
  const to = draft as unknown as Fields;
  const counts = (field: string) => !unversioned.has(field) || (field === 'status' && countsStatus === true);
  const differs = (field: string) => counts(field) && !jsonEqual(from[field], to[field]);
  if (Object.keys(from).some(differs) || Object.keys(to).some((field) => !(field in from) && differs(field)))
    draft.metadata.generation = was + 1;
}
