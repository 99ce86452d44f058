import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomeForWebSocket } from './command-outcome.ts';

const v4 = { spdy: 'v4.channel.k8s.io' } as const;
const sent = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

const unchanged: [string, Buffer][] = [
  ['success', sent({ metadata: {}, status: 'Success' })],
  [
    'an exit code',
    sent({ status: 'Failure', reason: 'NonZeroExitCode', message: 'command terminated with non-zero exit code' }),
  ],
  ['what is no Status', Buffer.from('command failed')],
];
for (const [name, outcome] of unchanged)
  test(`${name} passes as it is`, () => assert.deepEqual(outcomeForWebSocket(outcome, v4), outcome));

test('another failure becomes an internal error around it', () => {
  const outcome = sent({
    status: 'Failure',
    reason: 'InternalError',
    message: 'Internal error occurred: no such program',
    code: 500,
  });
  const told = JSON.parse(outcomeForWebSocket(outcome, v4).toString());
  assert.equal(told.message, 'Internal error occurred: Internal error occurred: no such program');
  assert.deepEqual(told.details.causes, [{ message: 'Internal error occurred: no such program' }]);
});

test('before version 4 the outcome is a text', () => {
  const outcome = sent({ status: 'Failure' });
  assert.deepEqual(outcomeForWebSocket(outcome, { spdy: 'channel.k8s.io' }), outcome);
});
