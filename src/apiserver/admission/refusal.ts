import { refused, type StatusError } from '../../apimachinery/status.ts';
import type { AdmissionRequest } from './admission.ts';

/** The answer to a write that a plugin does not want: Forbidden, with the plugin's reason. */
export function notAdmitted({ type, name }: AdmissionRequest, why: string): StatusError {
  return refused.forbidden(type, name, why);
}

/** Whether the request is about the main resource `group/resource`. */
export function isFor({ type, subresource }: AdmissionRequest, resource: string, of?: string): boolean {
  return (
    subresource === of &&
    resource.length === type.group.length + 1 + type.resource.length &&
    resource.startsWith(type.group) &&
    resource.endsWith(type.resource)
  );
}
