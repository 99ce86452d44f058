import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attributes, Decision } from './auth.ts';
import { immediately } from './immediately.ts';

const yes: Decision = { allowed: true, reason: '' };
const get = (name: string): Attributes => ({ user: { name: 'ann', groups: [] }, verb: 'get', name });

test('what an authorizer knows is known at once', () => {
  const run = immediately({ authorize: () => yes }, (now) => now.authorize(get('a')).allowed);
  assert.equal(run, true);
});

test('what has to be waited for is asked once, and everything is run again with the answer', async () => {
  const asked: unknown[] = [];
  let runs = 0;
  const authorizer = {
    async authorize({ name }: Attributes): Promise<Decision> {
      asked.push(name);
      return name === 'b' ? yes : { allowed: false, denied: false, reason: '' };
    },
  };
  const answers = await immediately(authorizer, (now) => {
    runs++;
    return ['a', 'b', 'a'].map((name) => now.authorize(get(name)).allowed);
  });
  assert.deepEqual(answers, [false, true, false]);
  assert.deepEqual([asked, runs], [['a', 'b'], 3]);
});

test('other errors are thrown', () => {
  assert.throws(
    () =>
      immediately({ authorize: () => yes }, () => {
        throw new Error('x');
      }),
    /^Error: x$/,
  );
});
