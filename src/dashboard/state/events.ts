import type { Event } from '../../api/core/v1/types.ts';

/** When it happened last: events of the new form, of a series, and of the old form say so in different fields. */
export function lastSeen({ metadata, series, eventTime, firstTimestamp, lastTimestamp }: Readonly<Event>): string {
  return series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? firstTimestamp ?? metadata.creationTimestamp ?? '';
}
