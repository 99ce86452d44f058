import { shortened } from '../../../../apimachinery/go-text.ts';
import { refused } from '../../../../apimachinery/status.ts';
import { timeComplaint, parseTime } from '../../../../apimachinery/time.ts';
import { forbidden, invalid, notSupported, type FieldError } from '../../../../apimachinery/validation.ts';
import { integerOf } from '../../../rest/options.ts';

const streams = ['All', 'Stderr', 'Stdout'];
/** A rule about several fields together has no field; upstream prints it so. */
const together = '[]';

/**
 * Checks PodLogOptions in the query of `pods/x/log`. Throws BadRequest for what cannot be read, and Invalid for the rest,
 * whether there is such a pod or not.
 */
export function checkLogOptions(option: (name: string) => string | undefined, pod: string): void {
  const integer = (name: string) => integerOf(option(name));
  const sinceSeconds = integer('sinceSeconds');
  const tailLines = integer('tailLines');
  const limitBytes = integer('limitBytes');
  const sinceTime = timeOf(option('sinceTime'));
  const stream = option('stream') ?? 'All';
  const errors: FieldError[] = [];
  if (tailLines !== undefined && tailLines < 0)
    errors.push(invalid('tailLines', tailLines, 'must be greater than or equal to 0'));
  if (limitBytes !== undefined && limitBytes < 1)
    errors.push(invalid('limitBytes', limitBytes, 'must be greater than 0'));
  if (sinceSeconds !== undefined && sinceTime !== undefined)
    errors.push(forbidden(together, 'at most one of `sinceTime` or `sinceSeconds` may be specified'));
  else if (sinceSeconds !== undefined && sinceSeconds < 1)
    errors.push(invalid('sinceSeconds', sinceSeconds, 'must be greater than 0'));
  if (!streams.includes(stream)) errors.push(notSupported('stream', stream, streams));
  if (stream !== 'All' && tailLines !== undefined)
    errors.push(forbidden(together, '`tailLines` and specific `stream` are mutually exclusive for now'));
  if (errors.length > 0) throw refused.invalid({ group: '', kind: 'PodLogOptions' }, pod, errors);
}

/** As upstream reads a time of a query: older clients send `null` for none. */
function timeOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '' || text === 'null') return undefined;
  const time = parseTime(text);
  if (time === undefined) throw refused.badRequest(timeComplaint(shortened(text)));
  return time;
}
