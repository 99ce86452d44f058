import type { TopologySpreadConstraint } from '../../../../api/core/v1/types.ts';
import { duplicate, invalid, notSupported, required } from '../../../../apimachinery/validation.ts';
import type { Errors } from '../../checks.ts';
import { checkLabelSelector } from '../../label-selector.ts';
import { checkKeysOfPod } from './affinity.ts';

const actions = ['DoNotSchedule', 'ScheduleAnyway'];
const inclusions = ['Honor', 'Ignore'];
const notPositive = 'must be greater than zero';

/** What two constraints must not have in common. */
function keyOf({ topologyKey, whenUnsatisfiable }: TopologySpreadConstraint): string {
  return JSON.stringify([topologyKey, whenUnsatisfiable]);
}

export function checkSpread(errors: Errors, constraints: readonly TopologySpreadConstraint[], path: string): void {
  const last = new Map(constraints.map((constraint, i) => [keyOf(constraint), i]));
  constraints.forEach((constraint, i) => {
    const { maxSkew = 0, topologyKey, whenUnsatisfiable, minDomains, labelSelector } = constraint;
    const field = `${path}[${i}]`;
    if (maxSkew <= 0) errors.push(invalid(`${field}.maxSkew`, maxSkew, notPositive));
    if (!topologyKey) errors.push(required(`${field}.topologyKey`, 'can not be empty'));
    if (!actions.includes(whenUnsatisfiable))
      errors.push(notSupported(`${field}.whenUnsatisfiable`, whenUnsatisfiable ?? '', actions));
    if (last.get(keyOf(constraint)) !== i)
      errors.push(duplicate(`${field}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${whenUnsatisfiable}}`));
    if (minDomains !== undefined) {
      if (minDomains <= 0) errors.push(invalid(`${field}.minDomains`, minDomains, notPositive));
      if (whenUnsatisfiable !== 'DoNotSchedule')
        errors.push(
          invalid(
            `${field}.minDomains`,
            minDomains,
            `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable ?? ''}`,
          ),
        );
    }
    for (const name of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
      const policy = constraint[name];
      if (policy !== undefined && !inclusions.includes(policy))
        errors.push(notSupported(`${field}.${name}`, policy, inclusions));
    }
    checkKeysOfPod(errors, constraint, field);
    checkLabelSelector(errors, labelSelector, `${field}.labelSelector`);
  });
}
