import { Jobs, type CronJob, type Job } from '../../../api/batch/v1/types.ts';
import type { ObjectReference } from '../../../api/core/v1/types.ts';
import { timeZone, utc, type TimeZone } from '../../../apimachinery/cron/time-zone.ts';
import { apiVersionOf } from '../../../apimachinery/resource-type.ts';

/** Annotation: the time for which a job was made. */
const scheduledTimestamp = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

/** The name of the job for a time: the same whoever makes it, so that it is made once. */
export function jobName({ metadata }: Readonly<CronJob>, time: number): string {
  return `${metadata.name}-${Math.floor(time / 60_000)}`;
}

export function jobFor(cronJob: Readonly<CronJob>, time: number): Job {
  const { jobTemplate, timeZone: zone = '' } = cronJob.spec;
  const { labels, annotations } = jobTemplate.metadata ?? {};
  return {
    metadata: {
      name: jobName(cronJob, time),
      namespace: cronJob.metadata.namespace,
      ...(labels && { labels: { ...labels } }),
      annotations: { ...annotations, [scheduledTimestamp]: zonedTime(time, timeZone(zone) ?? utc) },
    },
    spec: jobTemplate.spec,
  };
}

export function referenceTo({ metadata }: Readonly<Job>): ObjectReference {
  const { namespace, name, uid, resourceVersion } = metadata;
  return { kind: Jobs.kind, namespace, name, uid, apiVersion: apiVersionOf(Jobs), resourceVersion };
}

/** `2006-01-02T15:04:05+01:00`, with `Z` for UTC: RFC 3339 with the offset of the zone. */
function zonedTime(instant: number, zone: TimeZone): string {
  const offset = zone.offsetAt(instant);
  const shown = new Date(instant + offset).toISOString().slice(0, 19);
  if (offset === 0) return `${shown}Z`;
  const minutes = Math.trunc(Math.abs(offset) / 60_000);
  return `${shown}${offset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}

function two(number: number): string {
  return String(Math.trunc(number)).padStart(2, '0');
}
