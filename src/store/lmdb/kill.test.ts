import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../base/system-clock.ts';
import { systemRandom } from '../../base/system-random.ts';
import { openLmdbStore } from './lmdb-store.ts';
import { temporaryFolder } from './temporary-folder.ts';

const writer = fileURLToPath(new URL('./kill-writer.ts', import.meta.url));
const rounds = Number(process.env['KILL_ROUNDS'] ?? 3);

test(`a store killed ${rounds} times while it writes loses nothing acknowledged, and a watcher that resumes sees every revision once`, async (context) => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'store.lmdb');
  const acknowledged = new Map<number, string>();
  const seen: string[] = [];
  for (let round = 0; round < rounds; round++) {
    const lines = await killedWriter(path, round, seen.length);
    for (const line of lines) {
      const [what, revision, ...fact] = line.split(' ');
      if (what === 'seen') {
        assert.equal(Number(revision), seen.length + 1, 'the watcher sees the next revision');
        seen.push(fact.join(' '));
      } else acknowledged.set(Number(revision), fact.join(' '));
    }
    const facts = await factsOf(path);
    for (const [revision, fact] of acknowledged)
      assert.equal(facts[revision - 1], fact, `revision ${revision} was acknowledged`);
    for (const [i, fact] of seen.entries()) assert.equal(facts[i], fact, `revision ${i + 1} was seen`);
  }
  context.diagnostic(`${acknowledged.size} writes acknowledged, ${seen.length} revisions seen`);
  assert.ok(acknowledged.size > rounds * 10);
});

/** Everything the writer said until it was killed at some moment of its work. */
async function killedWriter(path: string, round: number, resumeAt: number): Promise<string[]> {
  const child = spawn(process.execPath, [writer, path, `${round}`, `${resumeAt}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines: string[] = [];
  let killed = false;
  for await (const line of createInterface({ input: child.stdout })) {
    if (!killed && line.startsWith('acknowledged')) {
      killed = true;
      systemClock.setTimer(5 + systemRandom.next() * 150, () => child.kill('SIGKILL'));
    }
    lines.push(line);
  }
  await exited;
  // The last line may have been cut off by the kill.
  return lines.slice(0, -1);
}

/** What each revision did, from a watch over the whole history. */
async function factsOf(path: string): Promise<string[]> {
  await using store = await openLmdbStore({ path, clock: systemClock });
  const stop = new AbortController();
  const facts: string[] = [];
  const { revision: last } = await store.read('/');
  for await (const event of store.watch('/', { after: 0, signal: stop.signal })) {
    if (event.type === 'changes')
      for (const change of event.changes) {
        assert.equal(change.modified, facts.length + 1, 'no revision is skipped or repeated');
        const what = change.type === 'delete' ? 'deleted' : Buffer.from(change.value).toString().trim();
        facts.push(`${change.key} ${what}`);
      }
    if (event.revision === last) stop.abort();
  }
  return facts;
}
