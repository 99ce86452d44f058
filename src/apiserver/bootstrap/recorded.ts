import clusterRoleBindings from '../../../facts/defaults-clusterrolebindings.json' with { type: 'json' };
import clusterRoles from '../../../facts/defaults-clusterroles.json' with { type: 'json' };
import flowSchemas from '../../../facts/defaults-flowschemas.json' with { type: 'json' };
import priorityClasses from '../../../facts/defaults-priorityclasses.json' with { type: 'json' };
import priorityLevels from '../../../facts/defaults-prioritylevels.json' with { type: 'json' };
import roleBindings from '../../../facts/defaults-rolebindings.json' with { type: 'json' };
import roles from '../../../facts/defaults-roles.json' with { type: 'json' };
import type { FlowSchemaSpec, PriorityLevelConfigurationSpec } from '../../api/flowcontrol/v1/types.ts';
import type { AggregationRule, PolicyRule, RoleRef, Subject } from '../../api/rbac/v1/types.ts';

interface Named {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface RecordedRole extends Named {
  readonly rules: readonly Readonly<PolicyRule>[];
  readonly aggregationRule?: Readonly<AggregationRule>;
}

export interface RecordedBinding extends Named {
  readonly roleRef: Readonly<RoleRef>;
  readonly subjects?: readonly Readonly<Subject>[];
}

export interface RecordedSpec<T> extends Named {
  readonly spec: Readonly<T>;
}

/** What a new Kubernetes cluster holds, as it was recorded; in the order of the facts. */
export const recorded = {
  clusterRoles: clusterRoles as unknown as readonly RecordedRole[],
  clusterRoleBindings: clusterRoleBindings as unknown as readonly RecordedBinding[],
  roles: roles as unknown as readonly RecordedRole[],
  roleBindings: roleBindings as unknown as readonly RecordedBinding[],
  flowSchemas: flowSchemas as readonly RecordedSpec<FlowSchemaSpec>[],
  priorityLevels: priorityLevels as readonly RecordedSpec<PriorityLevelConfigurationSpec>[],
  priorityClasses: priorityClasses as readonly { readonly name: string; readonly value: number }[],
};

/** The rules of a recorded cluster role. Throws if there is none of the name. */
export function recordedRules(clusterRole: string): readonly Readonly<PolicyRule>[] {
  const role = recorded.clusterRoles.find(({ name }) => name === clusterRole);
  if (role === undefined) throw new Error(`Cannot find the recorded cluster role "${clusterRole}"`);
  return role.rules;
}
