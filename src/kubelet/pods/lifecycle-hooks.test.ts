import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LifecycleHandler } from '../../api/core/v1/types.ts';
import { RuntimeError } from '../runtime/runtime-error.ts';
import { makeContainer, makePod } from '../testing/pods.ts';
import { hookFailure } from './lifecycle-hooks.ts';

const place = { pod: makePod(), container: { name: 'app', role: 'main', spec: makeContainer('app') } } as const;
const whose = 'for Container "app" in Pod "web_default(u1)" failed - error:';

const rows: [LifecycleHandler, Error, string][] = [
  [
    { exec: { command: ['sh', '-c', 'false'] } },
    new Error("command 'sh -c false' exited with 1: no\n", { cause: 'no\n' }),
    `Exec lifecycle hook ([sh -c false]) ${whose} command 'sh -c false' exited with 1: no\n, message: "no\\n"`,
  ],
  [
    { exec: { command: ['/nope'] } },
    new RuntimeError('Unknown', 'failed to exec in container'),
    `Exec lifecycle hook ([/nope]) ${whose} rpc error: code = Unknown desc = failed to exec in container, message: ""`,
  ],
  [
    { httpGet: { path: '/nope', port: 80 } },
    new Error('connection refused'),
    `HTTP lifecycle hook (/nope) ${whose} connection refused`,
  ],
  [{ sleep: { seconds: 3 } }, new Error('over'), `Sleep lifecycle hook (3) ${whose} over`],
];
for (const [hook, error, want] of rows)
  test(`a hook that fails: ${want}`, () => assert.equal(hookFailure(hook, place, error), want));
