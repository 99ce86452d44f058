import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../base/logger.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { PullRecords, type PullRecordStore, type RecordKind } from './pull-records.ts';

const repository = 'r.example.com/web';
const reference = `${repository}:1`;
const image = { reference, repository, imageId: 'sha256:a' };
const [me, you] = ['me', 'you'].map((username) => ({ username, password: 'p' })) as [Shown, Shown];
type Shown = { username: string; password: string };
const secret = { uid: 'u', namespace: 'n', name: 's' };

/** A folder, and kubelets that come one after the other. */
function setUp() {
  const folders: Record<RecordKind, Map<string, string>> = { pulling: new Map(), pulled: new Map() };
  const store: PullRecordStore = {
    read: async (kind) => new Map(folders[kind]),
    write: async (kind, name, text) => void folders[kind].set(name, text),
    remove: async (kind, name) => void folders[kind].delete(name),
  };
  const clock = new VirtualClock();
  const records = () => new PullRecords(store, clock, silentLogger);
  return { folders, records, clock };
}

const shows =
  (...all: Shown[]) =>
  async () =>
    all;
const nothing = shows();

test('an image that the kubelet did not pull is for every pod', async () => {
  assert.ok(
    await setUp()
      .records()
      .mayUse(image, () => assert.fail('nobody is asked for credentials')),
  );
});

test('who may use an image is known to the next kubelet', async () => {
  const { folders, records } = setUp();
  const first = records();
  await first.begin(reference);
  await first.pulled(reference, repository, 'sha256:a', me);
  assert.equal(folders.pulling.size, 0);
  for (const one of [first, records()]) {
    assert.ok(await one.mayUse(image, shows(you, me)));
    assert.ok(!(await one.mayUse(image, nothing)));
    assert.ok(!(await one.mayUse(image, shows(you))));
    assert.ok(!(await one.mayUse({ ...image, repository: 'other.example.com/web' }, shows(me))));
  }
  const [text = ''] = folders.pulled.values();
  assert.doesNotMatch(text, /"p"|"me"/);
  assert.deepEqual(Object.keys(JSON.parse(text)), [
    'kind',
    'apiVersion',
    'lastUpdatedTime',
    'imageRef',
    'credentialMapping',
  ]);
  await first.pulled(reference, repository, 'sha256:a');
  assert.ok(await records().mayUse(image, nothing));
});

test('a Secret with another content is still the one, and so is its content in another Secret', async () => {
  const { records } = setUp();
  const one = records();
  await one.pulled(reference, repository, 'sha256:a', { ...me, secret });
  assert.ok(await one.mayUse(image, shows({ ...you, secret } as Shown)));
  assert.ok(await records().mayUse(image, shows(you)));
  assert.ok(!(await records().mayUse(image, shows(me))));
});

test('an image whose pull nobody saw end is pulled by who wants it', async () => {
  const { records } = setUp();
  const first = records();
  await first.begin(reference);
  await first.begin(reference);
  for (const one of [first, records()]) assert.ok(!(await one.mayUse(image, shows(me))));
  await first.failed(reference);
  assert.ok(!(await records().mayUse(image, nothing)));
  await first.failed(reference);
  assert.ok(await records().mayUse(image, nothing));
});

test('a record that is broken keeps pods without a pull from the image, until the next pull', async () => {
  const { folders, records } = setUp();
  await records().pulled(reference, repository, 'sha256:a');
  const [name = ''] = folders.pulled.keys();
  for (const text of ['', '{"credentialMapping":', 'null', '7']) {
    folders.pulled.set(name, text);
    const next = records();
    assert.ok(!(await next.mayUse(image, shows(me))));
    await next.pulled(reference, repository, 'sha256:a', me);
    assert.ok(await records().mayUse(image, shows(me)));
  }
});

test('what was known of an image goes with it: who brings it again otherwise brings it for every pod', async () => {
  const { folders, records, clock } = setUp();
  await records().pulled(reference, repository, 'sha256:a', me);
  const later = records();
  await later.pulled(reference, repository, 'sha256:kept', me);
  await clock.advance(1000);
  const listedAt = clock.monotonic();
  await later.pulled(reference, repository, 'sha256:new', me);
  await later.prune(['sha256:kept'], listedAt);
  assert.equal(folders.pulled.size, 2);
  for (const [imageId, may] of Object.entries({ 'sha256:a': true, 'sha256:kept': false, 'sha256:new': false }))
    assert.equal(await later.mayUse({ ...image, imageId }, nothing), may, imageId);
});
