import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readScenarios } from './files.ts';
import { play } from './player.ts';

/** One for each family of controllers: to play twice more costs as much again. */
const lettered = new Set(['drain', 'indexed-jobs', 'local-volumes', 'node-loss', 'rolling-update', 'stateful-set']);

for (const { name, text } of await readScenarios()) {
  test(`scenario ${name} plays as written`, async () => {
    assert.equal(await play(text), text);
  });

  // As written, names that are drawn are rewritten. That they are drawn alike, too, shows where most is drawn.
  if (!lettered.has(name)) continue;

  test(`scenario ${name} takes the same course twice, to the letter`, async () => {
    const first = await play(text, { plainNames: true });
    assert.equal(await play(text, { plainNames: true }), first);
  });
}
