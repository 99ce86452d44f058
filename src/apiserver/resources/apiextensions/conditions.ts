import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
} from '../../../api/apiextensions/v1/types.ts';
import { rfc3339 } from '../../../apimachinery/time.ts';

export type ConditionType =
  | 'Established'
  | 'KubernetesAPIApprovalPolicyConformant'
  | 'NamesAccepted'
  | 'NonStructuralSchema'
  | 'Terminating';

type Definition = Readonly<CustomResourceDefinition>;
type Conditions = readonly Readonly<CustomResourceDefinitionCondition>[];

export type NewCondition = Pick<CustomResourceDefinitionCondition, 'status' | 'reason' | 'message'> & {
  readonly type: ConditionType;
};

export function conditionOf(
  { status }: Definition,
  type: ConditionType,
): Readonly<CustomResourceDefinitionCondition> | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

export function isTrue(definition: Definition, type: ConditionType): boolean {
  return conditionOf(definition, type)?.status === 'True';
}

/** The list with this condition, whose time is `now` (milliseconds) where its status has changed. */
export function withCondition(
  conditions: Conditions | null | undefined,
  condition: NewCondition,
  now: number,
): CustomResourceDefinitionCondition[] {
  const known = conditions ?? [];
  const before = known.find(({ type }) => type === condition.type);
  const isSame = before !== undefined && before.status === condition.status && before.lastTransitionTime !== undefined;
  const next = { ...before, ...condition, lastTransitionTime: isSame ? before.lastTransitionTime! : rfc3339(now) };
  return before === undefined ? [...known, next] : known.map((one) => (one === before ? next : one));
}
