import assert from 'node:assert/strict';
import { test } from 'node:test';
import { embeddedOnTheWay } from './embedded-structs.ts';

for (const [struct, member, names] of [
  ['Volume', 'name', []],
  ['Volume', 'configMap', ['VolumeSource']],
  ['NamedRuleWithOperations', 'resourceNames', []],
  ['NamedRuleWithOperations', 'operations', ['RuleWithOperations']],
  ['NamedRuleWithOperations', 'apiGroups', ['RuleWithOperations', 'Rule']],
  ['PodSpec', 'volumes', []],
] as const)
  test(`Go reaches ${member} of ${struct} through ${names.join(' and ') || 'nothing else'}`, () =>
    assert.deepEqual(embeddedOnTheWay(struct, member), names));
