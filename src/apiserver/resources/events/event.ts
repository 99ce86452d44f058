import { Events as CoreEvents, type Event as CoreEvent } from '../../../api/core/v1/types.ts';
import { Events, type Event } from '../../../api/events/v1/types.ts';
import { jsonEqual } from '../../../apimachinery/equality.ts';
import type { KubeObject } from '../../../apimachinery/object.ts';
import { invalid, required } from '../../../apimachinery/validation.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { immutableField, type Errors } from '../checks.ts';
import { event as coreEvent, eventCells } from '../core/event.ts';
import { checkSharedEvent } from '../core/event-rules.ts';

/** Events in their newer form, with stricter rules. */
export const event: ResourceDefinition<Event> = {
  type: Events,
  ttlMs: coreEvent.ttlMs!,
  storage: { type: CoreEvents, fromStored: (stored) => fromCore(stored as CoreEvent), toStored: toCore },

  strategy: {
    allowCreateOnUpdate: true,
    hasGeneration: false,
    garbageCollection: 'unsupported',

    defaults(draft) {
      const open = draft as { [K in keyof Event]: Event[K] | null };
      open.eventTime ??= null;
      open.deprecatedFirstTimestamp ??= null;
      open.deprecatedLastTimestamp ??= null;
      draft.deprecatedSource ??= {};
      draft.regarding ??= {};
    },

    validate(object, old) {
      const core = toCore(object) as CoreEvent;
      const errors: Errors = checkSharedEvent(core, 'reportingController');
      if (old === undefined) checkNew(errors, core);
      else checkChanged(errors, core, toCore(old) as CoreEvent);
      return errors;
    },
  },

  columns: {
    cells: (object, now) => eventCells(toCore(object) as CoreEvent, now),
  },

  selectableFields: {
    type: (object) => object.type ?? '',
    reason: (object) => object.reason ?? '',
    'regarding.kind': ({ regarding }) => regarding?.kind ?? '',
    'regarding.name': ({ regarding }) => regarding?.name ?? '',
    'regarding.namespace': ({ regarding }) => regarding?.namespace ?? '',
    reportingController: (object) => object.reportingController ?? '',
  },
};

/** Fields that have another name in the core form. */
const coreNames = {
  regarding: 'involvedObject',
  note: 'message',
  reportingController: 'reportingComponent',
  deprecatedSource: 'source',
  deprecatedFirstTimestamp: 'firstTimestamp',
  deprecatedLastTimestamp: 'lastTimestamp',
  deprecatedCount: 'count',
} as const;
const newNames: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(coreNames).map(([ours, theirs]) => [theirs, ours]),
);

function toCore(object: Readonly<Event>): KubeObject {
  return { ...renamed(object, coreNames), apiVersion: 'v1' };
}

function fromCore(stored: Readonly<CoreEvent>): Event {
  const object = renamed(stored, newNames) as unknown as Event;
  if (stored.apiVersion !== undefined) object.apiVersion = 'events.k8s.io/v1';
  // What the core form always shows, this one leaves out when it is empty.
  if (object.reportingController === '') delete object.reportingController;
  if (object.reportingInstance === '') delete object.reportingInstance;
  return object;
}

function renamed(object: object, names: Readonly<Record<string, string>>): KubeObject {
  const fields = Object.entries(object).map(([name, value]) => [names[name] ?? name, value]);
  return Object.fromEntries(fields) as KubeObject;
}

function checkNew(errors: Errors, core: CoreEvent): void {
  checkSeries(errors, core);
  if (!core.eventTime) errors.push(required('eventTime'));
  if (core.type !== 'Normal' && core.type !== 'Warning')
    errors.push(invalid('type', '', `has invalid value: ${core.type ?? ''}`));
  for (const name of ['firstTimestamp', 'lastTimestamp', 'count'] as const)
    if (core[name]) errors.push(invalid(name, '', 'needs to be unset'));
  if (core.source?.component || core.source?.host) errors.push(invalid('source', '', 'needs to be unset'));
}

function checkSeries(errors: Errors, { series }: CoreEvent): void {
  if (series === undefined) return;
  if ((series.count ?? 0) < 2) errors.push(invalid('series.count', '', 'should be at least 2'));
  if (!series.lastObservedTime) errors.push(required('series.lastObservedTime'));
}

const fixed = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  // Upstream looks twice, and so its causes have it twice.
  'reason',
  'type',
  'eventTime',
  'action',
  'related',
  'reportingComponent',
  'reportingInstance',
] as const;

const texts: ReadonlySet<string> = new Set([
  'reason',
  'message',
  'type',
  'action',
  'reportingComponent',
  'reportingInstance',
]);

/** Only the series of an event goes on. */
function checkChanged(errors: Errors, core: CoreEvent, old: CoreEvent): void {
  if (!jsonEqual(core.series, old.series)) checkSeries(errors, core);
  for (const name of fixed)
    if (!jsonEqual(core[name], old[name])) {
      const field = name === 'reportingComponent' ? 'reportingController' : name;
      errors.push(invalid(field, core[name] ?? (texts.has(name) ? '' : null), immutableField));
    }
}
