import type { Event } from '../../../api/core/v1/types.ts';
import { byteLength } from '../../../apimachinery/go-text.ts';
import { dnsSubdomain, qualifiedName } from '../../../apimachinery/names.ts';
import { invalid, required, type FieldError } from '../../../apimachinery/validation.ts';
import { complain, type Errors } from '../checks.ts';

/** Upstream says characters and counts bytes. */
const mostBytes = 128;
const mostNoteBytes = 1024;

/** Rules that both forms of Events share. Events with an `eventTime` are of the newer kind, with more duties. */
export function checkSharedEvent(event: Readonly<Event>, controllerField: string): FieldError[] {
  const errors: Errors = [];
  const { metadata, involvedObject } = event;
  const { namespace = '' } = metadata;
  const about = involvedObject.namespace ?? '';
  const strayed = () => errors.push(invalid('involvedObject.namespace', about, 'does not match event.namespace'));
  if (!event.eventTime) {
    // Events about objects without a namespace are kept in "default".
    if (about === '' ? namespace !== '' && namespace !== 'default' : namespace !== about) strayed();
  } else {
    if (about === '' && namespace !== 'default' && namespace !== 'kube-system') strayed();
    const controller = event.reportingComponent ?? '';
    if (controller === '') errors.push(required(controllerField));
    complain(errors, controllerField, controller, qualifiedName(controller));
    checkLength(errors, 'reportingInstance', event.reportingInstance);
    checkLength(errors, 'action', event.action);
    checkLength(errors, 'reason', event.reason);
    if (byteLength(event.message ?? '') > mostNoteBytes)
      errors.push(invalid('message', '', `can have at most ${mostNoteBytes} characters`));
  }
  complain(errors, 'namespace', namespace, dnsSubdomain(namespace));
  return errors;
}

function checkLength(errors: Errors, field: string, value: string | undefined): void {
  if (!value) errors.push(required(field));
  else if (byteLength(value) > mostBytes) errors.push(invalid(field, '', `can have at most ${mostBytes} characters`));
}
