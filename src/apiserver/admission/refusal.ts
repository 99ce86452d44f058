import { refused, type StatusError } from '../../apimachinery/status.ts';
import type { AdmissionRequest } from './admission.ts';

/**
 * The answer to a write that a plugin does not want: Forbidden, with the plugin's reason. An object whose name is yet to be
 * generated is called by what the name will begin with.
 */
export function notAdmitted({ type, name, object }: AdmissionRequest, why: string): StatusError {
  const { metadata } = object ?? {};
  return refused.forbidden(type, name || metadata?.name || metadata?.generateName || 'Unknown', why);
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
