import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logPath, type LogChoice } from './log-path.ts';

const choice: LogChoice = { container: 'main', previous: false, follow: false, timestamps: false };
const path = '/api/v1/namespaces/shop/pods/web/log?container=main&tailLines=1000';

for (const [what, more, want] of [
  ['as it is now', {}, path],
  ['that goes on', { follow: true }, `${path}&follow=true`],
  ['of the container before, which cannot go on', { previous: true, follow: true }, `${path}&previous=true`],
  ['with times', { timestamps: true }, `${path}&timestamps=true`],
] as const)
  test(`a log ${what} has an address`, () =>
    assert.equal(logPath({ namespace: 'shop', name: 'web' }, { ...choice, ...more }), want));
