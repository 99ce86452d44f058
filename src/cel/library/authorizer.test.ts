import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kubernetesEnvironment } from '../environment.ts';
import { compile, prepare, Program, type Compiled } from '../program.ts';
import { authorizerType, authorizerValue, type Decision, type Question } from './authorizer.ts';

/** What an expression asks, what comes of it, and at what cost. */
function asked(
  text: string,
  decision: Decision,
): readonly [questions: readonly Question[], value: unknown, cost: number] {
  const questions: Question[] = [];
  const compiled = compile(text, kubernetesEnvironment({ authorizer: authorizerType }));
  assert.equal(compiled.issues, undefined);
  const program = prepare(compiled as Compiled);
  assert.ok(program instanceof Program);
  const authorizer = authorizerValue((question) => {
    questions.push(question);
    return decision;
  });
  const { value, cost } = program.run({ authorizer });
  return [questions, value, cost];
}

const allowed: Decision = { isAllowed: true, reason: 'a role' };

test('a path', () => {
  assert.deepEqual(asked("authorizer.path('/healthz').check('get').allowed()", allowed), [
    [{ path: '/healthz', verb: 'get' }],
    true,
    350_003,
  ]);
});

test('a resource, with all that may be said of it', () => {
  const text =
    "authorizer.serviceAccount('ns', 'sa').group('apps').resource('deployments').subresource('scale')" +
    ".namespace('default').name('web').fieldSelector('a=b').labelSelector('c').check('update').reason()";
  const [questions, value] = asked(text, allowed);
  const serviceAccount = { namespace: 'ns', name: 'sa' };
  const resource = { group: 'apps', resource: 'deployments', subresource: 'scale', namespace: 'default', name: 'web' };
  assert.deepEqual(questions, [
    { serviceAccount, ...resource, fieldSelector: 'a=b', labelSelector: 'c', verb: 'update' },
  ]);
  assert.equal(value, 'a role');
});

test('a question that could not be decided', () => {
  const failed: Decision = { isAllowed: false, reason: '', error: 'no webhook' };
  const check = "authorizer.group('').resource('pods').check('get')";
  assert.equal(asked(`${check}.errored() && ${check}.error() == 'no webhook'`, failed)[1], true);
});
