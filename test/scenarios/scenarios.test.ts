import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readScenarios } from './files.ts';
import { play, type Course } from './player.ts';

/** One for each family of controllers: to play twice costs as much again. */
const lettered = new Set(['drain', 'indexed-jobs', 'local-volumes', 'node-loss', 'rolling-update', 'stateful-set']);

for (const { name, text } of await readScenarios()) {
  let course: Course;

  test(`scenario ${name} plays as written`, async () => {
    course = await play(text);
    assert.equal(course.text, text);
  });

  // As written, names that are drawn are rewritten. That they are drawn alike, too, shows where most is drawn.
  if (!lettered.has(name)) continue;

  test(`scenario ${name} takes the same course twice, to the letter`, async () => {
    assert.deepEqual(await play(text), course);
  });
}
