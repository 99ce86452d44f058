import type { LabelSelector } from '../../api/meta/v1/types.ts';

/** A label selector as Kubernetes prints it in an event: `&LabelSelector{MatchLabels:map[string]string{app: web,},…}`. */
export function selectorText(selector: LabelSelector | undefined): string {
  if (selector === undefined) return 'nil';
  const labels = Object.entries(selector.matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const expressions = selector.matchExpressions ?? [];
  const texts = expressions.map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  const map = labels.map(([key, value]) => `${key}: ${value},`).join('');
  return `&LabelSelector{MatchLabels:map[string]string{${map}},MatchExpressions:[]LabelSelectorRequirement{${texts.join('')}},}`;
}
