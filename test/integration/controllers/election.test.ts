import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deployments, type Deployment } from '../../../src/api/apps/v1/types.ts';
import { Leases } from '../../../src/api/coordination/v1/types.ts';
import { Nodes, Pods, type Node, type Pod } from '../../../src/api/core/v1/types.ts';
import { superuser } from '../../../src/apiserver/api-server.ts';
import { createAuthority, newSigningKey, requestSigner } from '../../../src/apiserver/auth/certificates.ts';
import { TokenKeys } from '../../../src/apiserver/auth/json-web-token.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { SeededRandom } from '../../../src/base/seeded-random.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { createClient } from '../../../src/client/typed-client.ts';
import { startControlPlane } from '../../../src/main/control-plane.ts';
import { MemoryStore } from '../../../src/store/memory/memory-store.ts';

const clock = new VirtualClock();
const tokenKeys = new TokenKeys([newSigningKey()]);
const authority = await createAuthority({ commonName: 'test', days: 3650 }, { clock, random: new SeededRandom(1) });
const certificates = requestSigner(authority, { random: new SeededRandom(2) });

/** A server over the store, under a name of its own. */
async function join(store: MemoryStore, identity: string) {
  const plane = await moving(
    startControlPlane({
      store,
      clock,
      random: new SeededRandom(identity),
      log: silentLogger,
      identity,
      clientAuthorities: [],
      tokenKeys,
      config: {
        serviceCidr: '10.96.0.0/16',
        nodePorts: { from: 30000, to: 32767 },
        issuer: 'https://issuer',
        audiences: ['https://issuer'],
        advertise: { host: '192.0.2.1', port: 6443 },
      },
      controllers: { podCidr: '10.244.0.0/16', rootCertificate: '', certificates },
    }),
  );
  const client = createClient(plane.api.transport(superuser, 'test'));
  return { plane, client, stop: () => moving(Promise.resolve(plane[Symbol.asyncDispose]())) };
}

async function moving<T>(work: Promise<T>): Promise<T> {
  let isDone = false;
  const done = work.finally(() => (isDone = true));
  done.catch(() => undefined);
  assert.ok(await clock.advanceUntil(() => isDone, 60_000));
  return done;
}

test('of two servers over one store one controls and schedules, and the other does so when it leaves', async () => {
  const store = new MemoryStore({ clock });
  const a = await join(store, 'a');
  await moving(a.plane.started);
  const b = await join(store, 'b');
  await clock.advance(30_000);
  const holders = async (): Promise<(string | undefined)[]> => {
    const { items } = await moving(b.client.list(Leases, { namespace: 'kube-system' }));
    return items.map(({ metadata, spec }) => `${metadata.name} ${spec?.holderIdentity}`);
  };
  assert.deepEqual(await holders(), ['kube-controller-manager a', 'kube-scheduler a']);

  const status = {
    allocatable: { cpu: '4', memory: '8Gi', pods: '110' },
    conditions: [{ type: 'Ready', status: 'True' }],
  };
  await moving(b.client.create(Nodes, { metadata: { name: 'n' }, spec: {}, status } as Node));
  await moving(b.client.create(Deployments, deployment(2)));
  await clock.advance(5000);
  const pods = async (): Promise<readonly Pod[]> =>
    (await moving(b.client.list(Pods, { namespace: 'default' }))).items.filter(({ spec }) => spec.nodeName === 'n');
  assert.equal((await pods()).length, 2);

  await a.stop();
  await clock.advance(5000);
  assert.deepEqual(await holders(), ['kube-controller-manager b', 'kube-scheduler b']);
  await moving(
    b.client.patch(
      Deployments,
      { namespace: 'default', name: 'web' },
      { type: 'merge', body: { spec: { replicas: 3 } } },
    ),
  );
  await clock.advance(5000);
  assert.equal((await pods()).length, 3);
  await b.stop();
});

function deployment(replicas: number): Deployment {
  const labels = { app: 'web' };
  return {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'app:1' }] } },
    },
  } as Deployment;
}
