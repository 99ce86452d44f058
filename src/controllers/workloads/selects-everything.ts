import type { LabelSelector } from '../../api/meta/v1/types.ts';

/** Whether a selector says nothing: who would follow it would take all pods of the namespace. */
export function selectsEverything({
  spec: { selector },
}: {
  readonly spec: { readonly selector?: LabelSelector };
}): boolean {
  return Object.keys(selector?.matchLabels ?? {}).length === 0 && !selector?.matchExpressions?.length;
}
