import type { StatefulSetStatus } from '../../../api/apps/v1/types.ts';
import { invalid } from '../../../apimachinery/validation.ts';
import { checkNonNegative, type Errors } from '../checks.ts';
import { checkCollisions } from './collisions.ts';

const parts = ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'] as const;

/** What a StatefulSet reports must add up. */
export function checkStatefulSetStatus(
  errors: Errors,
  status: StatefulSetStatus = { replicas: 0 },
  old: StatefulSetStatus | undefined,
): void {
  for (const name of ['replicas', ...parts, 'observedGeneration', 'collisionCount'] as const)
    checkNonNegative(errors, `status.${name}`, status[name]);
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  for (const name of parts) {
    const count = status[name] ?? 0;
    if (count > replicas) errors.push(invalid(`status.${name}`, count, 'cannot be greater than status.replicas'));
  }
  if (availableReplicas > readyReplicas)
    errors.push(invalid('status.availableReplicas', availableReplicas, 'cannot be greater than status.readyReplicas'));
  checkCollisions(errors, status, old);
}
