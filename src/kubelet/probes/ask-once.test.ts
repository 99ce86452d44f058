import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RuntimeError } from '../runtime/runtime-error.ts';
import { makeContainer } from '../testing/pods.ts';
import { askOnce } from './ask-once.ts';
import type { Prober } from './prober.ts';

test('a command that the runtime cannot run leaves its kind of error in what is unknown', async () => {
  const execSync = () => Promise.reject(new RuntimeError('Unknown', 'failed to exec in container'));
  const unasked = () => Promise.reject(new Error('nobody asks over the network'));
  const prober: Prober = { http: unasked, tcp: unasked, grpc: unasked };
  const outcome = await askOnce(
    { runtime: { execSync }, prober },
    { exec: { command: ['/nope'] } },
    { name: 'app', role: 'main', spec: makeContainer('app') },
    { id: 'c1', podIp: '10.0.0.1' },
  );
  assert.deepEqual(outcome, {
    is: 'unknown',
    output: 'rpc error: code = Unknown desc = failed to exec in container',
  });
});
