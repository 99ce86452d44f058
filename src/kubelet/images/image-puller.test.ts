import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Secret } from '../../api/core/v1/types.ts';
import { silentLogger } from '../../base/logger.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { SimulatedRuntime } from '../runtime/simulated/simulated-runtime.ts';
import { ImagePuller, type ImagePullRequest } from './image-puller.ts';
import { noPullRecords, PullRecords } from './pull-records.ts';

const image = 'r.example.com/team/web:1';
const policy = 'IfNotPresent';

function secretFor(registry: string, username: string): Secret {
  const auths = { [registry]: { username, password: 'p' } };
  const text = Buffer.from(JSON.stringify({ auths })).toString('base64');
  return { metadata: { name: username }, type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': text } };
}

/** A registry that lets these users in; `undefined` is who shows nothing. */
function setUp(...users: (string | undefined)[]) {
  const clock = new VirtualClock();
  const store = noPullRecords;
  const present = new Set<string>();
  const runtime = new SimulatedRuntime({ clock, name: 'node', delays: { pull: 0 } });
  const asked: (string | undefined)[] = [];
  const keep = runtime.pullImage.bind(runtime);
  const status = runtime.imageStatus.bind(runtime);
  runtime.imageStatus = async (reference) => (present.has(reference) ? status(reference) : undefined);
  runtime.pullImage = async (reference: string, auth?: { username: string }) => {
    asked.push(auth?.username);
    if (!users.includes(auth?.username)) throw new Error(`${auth?.username ?? 'nobody'} may not pull`);
    present.add(reference);
    return await keep(reference);
  };
  const puller = new ImagePuller(runtime, clock, new PullRecords(store, clock, silentLogger));
  const { signal } = new AbortController();
  async function ensure(podUid: string, secrets: Secret[], more: Partial<ImagePullRequest> = {}): Promise<string> {
    const pullSecrets = async () => secrets;
    const request = { image, policy, podUid, signal, record: () => {}, pullSecrets, ...more } as const;
    const outcome = puller.ensure(request).then(
      () => 'had',
      (error: Error) => error.message,
    );
    await clock.settle();
    return await outcome;
  }
  return { asked, ensure };
}

test('each credential for the registry is tried, and what all failures are is told', async () => {
  const secrets = [secretFor('r.example.com', 'old'), secretFor('r.example.com/team', 'new'), secretFor('x.io', 'x')];
  const good = setUp('old');
  assert.equal(await good.ensure('a', secrets), 'had');
  assert.deepEqual(good.asked, ['new', 'old']);
  const bad = setUp();
  assert.equal(await bad.ensure('a', secrets), '[new may not pull, old may not pull]');
  assert.equal(await bad.ensure('b', []), 'nobody may not pull');
});

test('an image that needed credentials is not there for pods without them', async () => {
  const { asked, ensure } = setUp('me', 'you');
  const [mine, yours] = [secretFor('r.example.com', 'me'), secretFor('r.example.com', 'you')];
  assert.equal(await ensure('a', [mine]), 'had');
  assert.equal(await ensure('b', [mine]), 'had');
  assert.deepEqual(asked, ['me']);
  assert.equal(await ensure('c', []), 'nobody may not pull');
  assert.match(await ensure('d', [], { policy: 'Never' }), /is not present with pull policy of Never/);
  assert.equal(await ensure('e', [yours]), 'had');
  assert.equal(await ensure('f', [yours], { policy: 'Never' }), 'had');
  assert.deepEqual(asked, ['me', undefined, 'you']);
});

test('an image that anybody may pull is there for all', async () => {
  const { asked, ensure } = setUp(undefined);
  assert.equal(await ensure('a', []), 'had');
  assert.equal(await ensure('b', [secretFor('r.example.com', 'me')]), 'had');
  assert.deepEqual(asked, [undefined]);
});

test('five images are pulled at once, and who waited says for how long', async () => {
  const clock = new VirtualClock();
  const runtime = new SimulatedRuntime({ clock, name: 'node', delays: { pull: 2000 } });
  runtime.imageStatus = async (reference) => ({ id: reference, tags: [], digests: [], sizeBytes: 7 });
  const puller = new ImagePuller(runtime, clock, new PullRecords(noPullRecords, clock, silentLogger));
  const told: string[] = [];
  const { signal } = new AbortController();
  const pulls = Array.from({ length: 7 }, (_, at) =>
    puller.ensure({
      image: `web:${at}`,
      policy: 'Always',
      podUid: 'a',
      signal,
      record: (_type, reason, message) => void (reason === 'Pulled' && told.push(message)),
      pullSecrets: async () => [],
    }),
  );
  await clock.advance(2000);
  assert.equal(told.length, 5);
  await clock.advance(2000);
  await Promise.all(pulls);
  assert.equal(told.at(-1), 'Successfully pulled image "web:6" in 2s (4s including waiting). Image size: 7 bytes.');
});
