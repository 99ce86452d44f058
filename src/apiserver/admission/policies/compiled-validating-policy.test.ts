import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ValidatingAdmissionPolicy } from '../../../api/admissionregistration/v1/types.ts';
import { wholeOf } from '../../../base/in-steps.ts';
import { CompiledValidatingPolicy } from './compiled-validating-policy.ts';

function verdict(spec: ValidatingAdmissionPolicy['spec']) {
  const values = { object: { data: { k: 'v' } }, oldObject: null, request: {}, namespaceObject: null };
  return wholeOf(new CompiledValidatingPolicy({ metadata: { name: 'p' }, spec }).verdict(values, null));
}
const annotation = (key: string, valueExpression: string) => ({ key, valueExpression });

test('annotations are texts that say something', () => {
  const auditAnnotations = [
    annotation('a', '" x "'),
    annotation('b', 'null'),
    annotation('c', '" "'),
    annotation('d', `"${'x'.repeat(3000)}" + "${'y'.repeat(1500)}"`),
  ];
  const { annotations } = verdict({ auditAnnotations });
  assert.deepEqual(
    annotations.map(({ key, value }) => [key, value.length]),
    [
      ['a', 1],
      ['d', 4500],
    ],
  );
});

test('an annotation that cannot be computed refuses, unless failures are ignored', () => {
  const auditAnnotations = [annotation('a', 'string(object.data.z)')];
  assert.deepEqual(verdict({ auditAnnotations }).annotationProblems, [
    `expression 'string(object.data.z)' resulted in error: no such key: z`,
  ]);
  assert.deepEqual(verdict({ auditAnnotations, failurePolicy: 'Ignore' }).annotationProblems, []);
});

test('a policy that was stored with what no longer compiles refuses, and says why', () => {
  const { denials } = verdict({ validations: [{ expression: 'gone()' }] });
  assert.match(denials[0]!.message, /^compilation error: compilation failed: ERROR: <input>:1:5: undeclared reference/);
});

test('each denial knows which validation it is of', () => {
  const { denials } = verdict({ validations: [{ expression: 'true' }, { expression: 'false', message: 'no' }] });
  assert.deepEqual(denials, [{ message: 'no', reason: 'Invalid', index: 1 }]);
});
