import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readScenarios } from './files.ts';
import { play } from './player.ts';

for (const { name, text } of await readScenarios()) {
  test(`scenario ${name} plays as written`, async () => {
    assert.equal(await play(text), text);
  });

  // A long one takes seconds; that it plays as written says as much.
  if (text.includes(' plays=once ')) continue;

  test(`scenario ${name} takes the same course twice, to the letter`, async () => {
    const first = await play(text, { plainNames: true });
    assert.equal(await play(text, { plainNames: true }), first);
  });
}
