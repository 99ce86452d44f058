import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selectorText } from './selector-text.ts';

test('a selector is printed as Kubernetes prints it', () => {
  const expressions = [{ key: 'zone', operator: 'In' as const, values: ['a', 'b'] }];
  assert.equal(
    selectorText({ matchLabels: { b: '2', a: '1' }, matchExpressions: expressions }),
    '&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:zone,Operator:In,Values:[a b],},},}',
  );
  assert.equal(selectorText(undefined), 'nil');
});
