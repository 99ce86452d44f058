import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readScenarios } from '../files.ts';
import { play } from '../player.ts';

// They take too long for each check.
for (const { name, text } of await readScenarios('long/'))
  test(`scenario ${name} plays as written`, async () => {
    assert.equal((await play(text)).text, text);
  });
