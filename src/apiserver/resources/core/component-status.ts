import { ComponentStatuses, type ComponentStatus } from '../../../api/core/v1/types.ts';
import { refused } from '../../../apimachinery/status.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';

/** The parts of a control plane by their names, and what is wrong with each; `undefined`: nothing. */
export type Components = ReadonlyMap<string, () => string | undefined>;

/** Whether the parts of the control plane are well. Deprecated long ago, and still what `kubectl get cs` shows. */
export function componentStatuses(components: Components): ResourceDefinition<ComponentStatus> {
  const statusOf = (name: string, check: () => string | undefined): ComponentStatus => {
    const problem = check();
    const health = problem === undefined ? { status: 'True', message: 'ok' } : { status: 'False', error: problem };
    return { metadata: { name }, conditions: [{ type: 'Healthy', ...health }] };
  };
  return {
    type: ComponentStatuses,
    deprecation: 'v1 ComponentStatus is deprecated in v1.19+',
    strategy: {},
    measured: {
      list: () => [...components].map(([name, check]) => statusOf(name, check)),
      get({ name }) {
        const check = components.get(name);
        if (check === undefined) throw refused.other(500, undefined, `Component not found: ${name}`);
        return statusOf(name, check);
      },
    },
    columns: {
      cells({ metadata, conditions }) {
        const health = conditions?.find(({ type }) => type === 'Healthy');
        const status = health === undefined ? 'Unknown' : health.status === 'True' ? 'Healthy' : 'Unhealthy';
        return [metadata.name, status, health?.message ?? '', health?.error ?? ''];
      },
    },
  };
}
