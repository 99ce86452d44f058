import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TopologySpreadConstraint } from '../../../../api/core/v1/types.ts';
import type { Errors } from '../../checks.ts';
import { checkSpread } from './spread.ts';

function complaints(constraints: TopologySpreadConstraint[]): string[] {
  const errors: Errors = [];
  checkSpread(errors, constraints, 'c');
  return errors.map(({ field, message }) => `${field}: ${message}`);
}
const constraint = (topologyKey: string, whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway') => ({
  maxSkew: 1,
  topologyKey,
  whenUnsatisfiable,
  labelSelector: {},
});

test('a constraint that comes again is told where it comes first', () => {
  const constraints = [
    constraint('zone', 'DoNotSchedule'),
    constraint('zone', 'ScheduleAnyway'),
    constraint('host', 'DoNotSchedule'),
    constraint('zone', 'DoNotSchedule'),
  ];
  assert.deepEqual(complaints(constraints), [
    'c[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, DoNotSchedule}"',
  ]);
});

// Compared each with each, they take minutes.
test('a hundred thousand constraints are all told apart', { timeout: 60_000 }, () => {
  const many = Array.from({ length: 100_000 }, (_, at) => constraint(`k${at}`, 'DoNotSchedule'));
  assert.deepEqual(complaints(many), []);
});
