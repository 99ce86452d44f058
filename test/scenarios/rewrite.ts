/**
 * `node test/scenarios/rewrite.ts [name…]` writes what the scenarios print now. Commit only differences that you can
 * explain.
 */
import { writeFile } from 'node:fs/promises';
import { readScenarios } from './files.ts';
import { play } from './player.ts';

const wanted = new Set(process.argv.slice(2));
for (const { path, name, text } of [...(await readScenarios()), ...(await readScenarios('long/'))]) {
  if (wanted.size > 0 && !wanted.has(name)) continue;
  const { text: now } = await play(text);
  if (now === text) continue;
  await writeFile(path, now);
  console.log(`${name} changed`);
}
