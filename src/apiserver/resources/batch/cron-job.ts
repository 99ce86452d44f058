import { CronJobs, type CronJob, type CronJobSpec, type JobSpec } from '../../../api/batch/v1/types.ts';
import { CronError } from '../../../apimachinery/cron/cron-field.ts';
import { parseCronSchedule } from '../../../apimachinery/cron/cron-schedule.ts';
import { timeZone, unknownTimeZone } from '../../../apimachinery/cron/time-zone.ts';
import { labelSelectorText } from '../../../apimachinery/selectors/label-selector.ts';
import { invalid, required } from '../../../apimachinery/validation.ts';
import { ageOf, ageOfTime, containerImages, containerNames } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { checkNonNegative, checkOneOf, type Errors } from '../checks.ts';
import { longNameWarnings } from '../core/replication.ts';
import { checkJobTemplate, jobWarnings } from './job-spec.ts';
import { jobSpecDefaults } from './job.ts';

/** The name of a job of it has a dash and the minute behind. */
const longestName = 52;

/** Makes jobs by the clock. */
export const cronJob: ResourceDefinition<CronJob> = {
  type: CronJobs,

  strategy: {
    defaults(draft) {
      const spec = (draft.spec ??= {} as CronJobSpec);
      const template = (spec.jobTemplate ??= { spec: {} as JobSpec });
      template.metadata ??= {};
      jobSpecDefaults((template.spec ??= {} as JobSpec));
      (spec.concurrencyPolicy as string) ||= 'Allow';
      spec.suspend ??= false;
      spec.successfulJobsHistoryLimit ??= 3;
      spec.failedJobsHistoryLimit ??= 1;
    },

    prepareForCreate(draft) {
      draft.status = {};
    },

    validate({ metadata: { name }, spec }, old) {
      const errors: Errors = [];
      checkSchedule(errors, spec, old?.spec);
      checkNonNegative(errors, 'spec.startingDeadlineSeconds', spec.startingDeadlineSeconds);
      if (old === undefined || old.spec.timeZone !== spec.timeZone) checkTimeZone(errors, spec.timeZone);
      checkOneOf(errors, 'spec.concurrencyPolicy', spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace'], {
        emptyIsMissing: true,
      });
      checkJobTemplate(errors, spec.jobTemplate, 'spec.jobTemplate');
      checkNonNegative(errors, 'spec.successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit);
      checkNonNegative(errors, 'spec.failedJobsHistoryLimit', spec.failedJobsHistoryLimit);
      if (old === undefined && name.length > longestName)
        errors.push(invalid('metadata.name', name, `must be no more than ${longestName} characters`));
      return errors;
    },

    warnings({ metadata, spec }, old) {
      const isNew = old === undefined;
      const changed = isNew || old.metadata.generation !== metadata.generation;
      return [
        ...(isNew ? longNameWarnings(metadata.name) : []),
        ...(changed ? jobWarnings(spec.jobTemplate.spec, 'spec.jobTemplate.spec') : []),
        ...(!isNew && spec.schedule.includes('TZ') ? [zoneInSchedule] : []),
      ];
    },

    status: {},
  },

  columns: {
    cells: (object, now) => [
      object.metadata.name,
      object.spec.schedule ?? '',
      object.spec.timeZone ?? '<none>',
      object.spec.suspend === true ? 'True' : 'False',
      object.status?.active?.length ?? 0,
      object.status?.lastScheduleTime === undefined ? '<none>' : ageOfTime(object.status.lastScheduleTime, now),
      ageOf(object, now),
      containerNames(object.spec.jobTemplate?.spec.template?.spec),
      containerImages(object.spec.jobTemplate?.spec.template?.spec),
      labelSelectorText(object.spec.jobTemplate?.spec.selector) || '<none>',
    ],
  },
};

const zoneInSchedule =
  'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details';

/** A zone within the schedule stays where it was before there was a field for it. */
function checkSchedule(errors: Errors, spec: Readonly<CronJobSpec>, old: Readonly<CronJobSpec> | undefined): void {
  const { schedule, timeZone: zone } = spec;
  if (!schedule) {
    errors.push(required('spec.schedule'));
    return;
  }
  const refuse = (rule: string): void => void errors.push(invalid('spec.schedule', schedule, rule));
  try {
    parseCronSchedule(schedule);
  } catch (error) {
    if (!(error instanceof CronError)) throw error;
    refuse(error.message);
  }
  if (!schedule.includes('TZ')) return;
  if (old?.schedule.includes('TZ') !== true) refuse('cannot use TZ or CRON_TZ in schedule, use timeZone field instead');
  else if (zone !== undefined) refuse('cannot use both timeZone field and TZ or CRON_TZ in schedule');
}

const zonePart = /^[A-Za-z._0-9+-]{1,14}$/;

function checkTimeZone(errors: Errors, zone: string | undefined): void {
  if (zone === undefined) return;
  const refuse = (rule: string): void => void errors.push(invalid('spec.timeZone', zone, rule));
  if (zone === '') {
    refuse('timeZone must be nil or non-empty string');
    return;
  }
  const isPart = (part: string): boolean =>
    part !== '.' && part !== '..' && !part.startsWith('-') && zonePart.test(part);
  if (!zone.split('/').every(isPart)) {
    refuse(`unknown time zone ${zone}`);
    return;
  }
  if (zone.toLowerCase() === 'local')
    refuse('timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones');
  if (timeZone(zone) === undefined) refuse(unknownTimeZone(zone));
}
