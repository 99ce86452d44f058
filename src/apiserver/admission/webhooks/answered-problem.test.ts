import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answeredProblem } from './answered-problem.ts';

const rows: readonly [name: string, ...Parameters<typeof answeredProblem>, want: string][] = [
  ['a code says it', 404, 'application/json', 'nope', 'the server could not find the requested resource'],
  [
    'text that is told as text is shown',
    500,
    'text/plain',
    ' boom\n',
    'an error on the server ("boom") has prevented the request from succeeding',
  ],
  [
    'what is told as something else is not',
    500,
    'application/json',
    'boom',
    'an error on the server ("unknown") has prevented the request from succeeding',
  ],
  ['who forbids says why', 403, 'text/plain', 'not you', 'not you'],
  [
    'a Status speaks for itself',
    409,
    'application/json',
    '{"kind":"Status","apiVersion":"v1","message":"twice"}',
    'twice',
  ],
  [
    'a code without a meaning',
    302,
    'text/html',
    '<a>',
    'the server responded with the status code 302 but did not return more information',
  ],
];

for (const [name, code, contentType, text, want] of rows)
  test(`an answer that is none: ${name}`, () => assert.equal(answeredProblem(code, contentType, text), want));
