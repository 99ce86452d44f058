import type { Lifecycle, PodSpec } from '../../../../api/core/v1/types.ts';
import { schema } from '../../../../api/schema.ts';
import { notSupported, required, forbidden } from '../../../../apimachinery/validation.ts';
import type { Errors } from '../../checks.ts';

const linuxSignals = schema['io.k8s.api.core.v1.Lifecycle']?.fields?.['stopSignal']?.enum ?? [];
const windowsSignals = ['SIGKILL', 'SIGTERM'];

/** The signals that a container may be stopped with depend on the pod's operating system, which must then be named. */
export function checkStopSignal(errors: Errors, spec: PodSpec, { stopSignal }: Lifecycle, field: string): void {
  const system = spec.os?.name;
  if (!system) {
    errors.push(forbidden(field, 'may not be set for containers with empty `spec.os.name`'));
    return;
  }
  const signals = system === 'windows' ? windowsSignals : linuxSignals;
  if (!stopSignal) errors.push(required(field));
  else if (!signals.includes(stopSignal)) errors.push(notSupported(field, stopSignal, signals));
}
