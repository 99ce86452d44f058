import { Events, type Event } from '../../../api/core/v1/types.ts';
import { pathSegmentNames } from '../../../apimachinery/names.ts';
import { ageOfTime } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { checkSharedEvent } from './event-rules.ts';

/** What happened to an object. Core Events and those of events.k8s.io are the same objects, kept in this form. */
export const event: ResourceDefinition<Event> = {
  type: Events,
  ttlMs: 3600 * 1000,

  strategy: {
    allowCreateOnUpdate: true,
    nameRule: pathSegmentNames,
    hasGeneration: false,
    garbageCollection: 'unsupported',
    defaults: eventDefaults,
    validate: (object) => checkSharedEvent(object, 'reportingComponent'),
  },

  columns: {
    cells: eventCells,
  },

  selectableFields: {
    type: (object) => object.type ?? '',
    'involvedObject.kind': ({ involvedObject }) => involvedObject.kind ?? '',
    'involvedObject.namespace': ({ involvedObject }) => involvedObject.namespace ?? '',
    'involvedObject.name': ({ involvedObject }) => involvedObject.name ?? '',
    'involvedObject.uid': ({ involvedObject }) => involvedObject.uid ?? '',
    'involvedObject.apiVersion': ({ involvedObject }) => involvedObject.apiVersion ?? '',
    'involvedObject.resourceVersion': ({ involvedObject }) => involvedObject.resourceVersion ?? '',
    'involvedObject.fieldPath': ({ involvedObject }) => involvedObject.fieldPath ?? '',
    reason: (object) => object.reason ?? '',
    reportingComponent: (object) => object.reportingComponent ?? '',
    source: ({ source, reportingComponent }) => source?.component || (reportingComponent ?? ''),
  },
};

/** Times that were not set are null on the wire, never left out. */
function eventDefaults(draft: Event): void {
  const open = draft as { [K in keyof Event]: Event[K] | null };
  open.eventTime ??= null;
  open.firstTimestamp ??= null;
  open.lastTimestamp ??= null;
  draft.involvedObject ??= {};
  draft.source ??= {};
  draft.reportingComponent ??= '';
  draft.reportingInstance ??= '';
}

export function eventCells(object: Readonly<Event>, now: number): (string | number)[] {
  const { involvedObject, series, source } = object;
  const kind = (involvedObject.kind ?? '').toLowerCase();
  const first = since(object.firstTimestamp || object.eventTime, now);
  const last = series === undefined ? object.lastTimestamp : series.lastObservedTime;
  const component = source?.component || object.reportingComponent || '';
  const instance = source?.host || object.reportingInstance || '';
  return [
    last ? since(last, now) : series === undefined ? first : '<unknown>',
    object.type ?? '',
    object.reason ?? '',
    involvedObject.name ? `${kind}/${involvedObject.name}` : kind,
    involvedObject.fieldPath ?? '',
    instance === '' ? component : `${component}, ${instance}`,
    (object.message ?? '').trim(),
    first,
    series?.count ?? (object.count || 1),
    object.metadata.name,
  ];
}

function since(time: string | null | undefined, now: number): string {
  return ageOfTime(time ?? undefined, now);
}
