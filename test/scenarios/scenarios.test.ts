import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readScenarios } from './files.ts';
import { play } from './player.ts';

for (const { name, text } of await readScenarios()) {
  test(`scenario ${name}: plays as written, and the same twice`, async () => {
    const first = await play(text);
    assert.equal(first, text);
    assert.equal(await play(text), first);
  });
}
