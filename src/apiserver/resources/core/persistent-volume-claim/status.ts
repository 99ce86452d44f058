import type { PersistentVolumeClaim } from '../../../../api/core/v1/types.ts';
import { qualifiedName } from '../../../../apimachinery/names.ts';
import { quantityValue } from '../../../../apimachinery/quantity.ts';
import { invalid, notSupported, required } from '../../../../apimachinery/validation.ts';
import { complain, type Errors } from '../../checks.ts';
import { readQuantity } from '../pod-spec/quantities.ts';

const resizeStates = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizePending',
  'NodeResizeInfeasible',
].sort();

export function checkClaimStatus(errors: Errors, { spec, status }: Readonly<PersistentVolumeClaim>): void {
  if (!spec.accessModes?.length) errors.push(required('Spec.accessModes'));
  for (const [name, amount] of Object.entries(status?.capacity ?? {}))
    checkNotNegative(errors, amount, `status.capacity[${name}]`);
  const states = 'status.allocatedResourceStatuses';
  for (const [name, state] of Object.entries(status?.allocatedResourceStatuses ?? {})) {
    checkResourceKey(errors, name, states);
    if (!resizeStates.includes(state)) errors.push(notSupported(states, name, resizeStates));
  }
  const allocated = 'status.allocatedResources';
  for (const [name, amount] of Object.entries(status?.allocatedResources ?? {}))
    if (checkResourceKey(errors, name, allocated)) checkNotNegative(errors, amount, `${allocated}[${name}]`);
}

function checkNotNegative(errors: Errors, amount: string, field: string): void {
  const whole = quantityValue(readQuantity(amount));
  if (whole < 0n) errors.push(invalid(field, Number(whole), 'must be a valid resource quantity'));
}

/** Of Kubernetes' own resources only `storage` can grow. Answers whether the name is right. */
function checkResourceKey(errors: Errors, name: string, field: string): boolean {
  const problems = qualifiedName(name);
  complain(errors, field, name, problems);
  const isNative = !name.includes('/') || name.includes('kubernetes.io/');
  const isKnown = !isNative || name === 'storage';
  if (problems.length === 0 && !isKnown) errors.push(notSupported(field, name, ['storage']));
  return problems.length === 0 && isKnown;
}
