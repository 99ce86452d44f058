import { Namespaces } from '../../../api/core/v1/types.ts';
import type { DeviceRequest, DeviceRequestAllocationResult } from '../../../api/resource/v1/types.ts';
import { forbidden } from '../../../apimachinery/validation.ts';
import type { ServerContext } from '../../context.ts';
import type { Errors } from '../checks.ts';

const label = 'resource.kubernetes.io/admin-access';

/** Devices that others have already are only for namespaces that an admin has labelled. */
export function checkAdminRequests(
  errors: Errors,
  requests: readonly DeviceRequest[] | null | undefined,
  namespace: string,
  context: ServerContext,
): void {
  const at = requests?.findIndex(({ exactly }) => exactly?.adminAccess === true) ?? -1;
  // The place is Kubernetes' own, for templates as well.
  if (at >= 0) checkNamespace(errors, `spec.devices.requests[${at}].adminAccess`, namespace, context);
}

/** The same for what a scheduler has allocated now. */
export function checkAdminResults(
  errors: Errors,
  results: readonly DeviceRequestAllocationResult[] = [],
  old: readonly DeviceRequestAllocationResult[] = [],
  namespace: string,
  context: ServerContext,
): void {
  const isGranted = ({ adminAccess }: DeviceRequestAllocationResult) => adminAccess === true;
  const at = results.findIndex(isGranted);
  if (at < 0 || old.some(isGranted)) return;
  checkNamespace(errors, `status.allocation.devices.results[${at}].adminAccess`, namespace, context);
}

function checkNamespace(errors: Errors, field: string, name: string, context: ServerContext): void {
  if (context.labelsOf(Namespaces, { name })[label] === 'true') return;
  errors.push(
    forbidden(field, `admin access to devices requires the \`${label}: true\` label on the containing namespace`),
  );
}
