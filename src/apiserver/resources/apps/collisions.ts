import { invalid } from '../../../apimachinery/validation.ts';
import type { Errors } from '../checks.ts';

interface Counted {
  readonly collisionCount?: number;
}

/** Names of revisions are made with the count of collisions so far; a lower one would make the same names again. */
export function checkCollisions(errors: Errors, status: Counted | undefined, old: Counted | undefined): void {
  const { collisionCount } = status ?? {};
  const before = old?.collisionCount;
  if (before !== undefined && (collisionCount === undefined || collisionCount < before))
    errors.push(invalid('status.collisionCount', collisionCount ?? 0, 'cannot be decremented'));
}
