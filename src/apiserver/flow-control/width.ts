import type { Target } from '../request/target.ts';

const objectsOfSeat = 100;
const mostSeats = 10;

/** How many seats a request takes: a list one for each hundred objects that it may go through. */
export function seatsOf(target: Target, objectsOf: (target: Target) => number): number {
  if (!target.isResource || target.verb !== 'list') return 1;
  const limit = Number(target.options['limit'] ?? 0);
  const objects = objectsOf(target);
  const most = limit > 0 ? Math.min(limit, objects) : objects;
  return Math.min(mostSeats, Math.max(1, Math.ceil(most / objectsOfSeat)));
}
