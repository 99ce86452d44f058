import assert from 'node:assert/strict';
import { it } from 'node:test';
import { targetOf } from './target.ts';
import { Targets } from './targets.ts';

it('what is asked for again is read once, and as ever', () => {
  const targets = new Targets();
  for (const raw of ['/api/v1/pods?labelSelector=a%3Db', '/livez?verbose', '/api/v1/namespaces/x/pods/y']) {
    const target = targets.of('GET', raw);
    assert.deepEqual(target, targetOf('GET', raw));
    assert.equal(targets.of('GET', raw), target);
  }
});

it('other methods, refusals and long paths are read each time', () => {
  const targets = new Targets();
  for (const [method, raw] of [
    ['DELETE', '/api/v1/pods'],
    ['GET', '/api/v1/watch/pods/x/y/z/a/b'],
    ['GET', `/${'x'.repeat(300)}`],
  ] as const)
    assert.notEqual(targets.of(method, raw), targets.of(method, raw));
  assert.notEqual(targets.of('GET', '/livez'), targets.of('HEAD', '/livez'));
});

it('a path that cannot be read is refused each time', () => {
  const targets = new Targets();
  for (let time = 0; time < 2; time++) assert.throws(() => targets.of('GET', '/%zz'), /invalid URL escape/);
});
