import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Services, type Service } from '../../../src/api/core/v1/types.ts';
import { ServiceCIDRs } from '../../../src/api/networking/v1/types.ts';
import { isStatus } from '../../../src/apimachinery/status.ts';
import { startTestCluster } from '../../../src/main/testing.ts';

const finalizer = 'networking.k8s.io/service-cidr-finalizer';

async function cluster() {
  const it = await startTestCluster({ nodes: 0 });
  const { client } = it;
  const range = (name: string) => client.get(ServiceCIDRs, { name });
  return {
    ...it,
    range,
    create: (name: string, ...cidrs: string[]) => client.create(ServiceCIDRs, { metadata: { name }, spec: { cidrs } }),
    remove: (name: string) => client.delete(ServiceCIDRs, { name }),
    service: (name: string, clusterIP: string) =>
      client.create(Services, {
        metadata: { name, namespace: 'default' },
        spec: { clusterIP, ports: [{ port: 80 }] },
      } as unknown as Service),
    async ready(name: string) {
      const found = (await range(name)).status?.conditions?.find(({ type }) => type === 'Ready');
      return found && [found.status, found.reason, found.message].join(' ');
    },
    async isGone(name: string) {
      try {
        await range(name);
        return false;
      } catch (error) {
        if (isStatus(error, 'NotFound')) return true;
        throw error;
      }
    },
    [Symbol.asyncDispose]: () => it[Symbol.asyncDispose](),
  };
}

test('a ServiceCIDR gets its finalizer and is ready, the default one too', async () => {
  await using it = await cluster();
  await it.create('more', '10.1.0.0/24');
  for (const name of ['more', 'kubernetes']) {
    await it.until(async () => (await it.ready(name)) === 'True  Kubernetes Service CIDR is ready');
    assert.deepEqual((await it.range(name)).metadata.finalizers, [finalizer]);
  }
});

test('one with addresses of Services that no other has stays until they are gone; then ten seconds more', async () => {
  await using it = await cluster();
  await it.create('more', '10.1.0.0/24');
  await it.until(async () => (await it.range('more')).metadata.finalizers !== undefined);
  await it.service('a', '10.1.0.7');
  await it.remove('more');
  await it.until(
    async () => (await it.ready('more'))?.startsWith('False Terminating There are still IPAddresses') === true,
  );
  await it.clock.advance(60_000);
  assert.equal(await it.isGone('more'), false);
  await it.client.delete(Services, { namespace: 'default', name: 'a' });
  await it.until(() => it.isGone('more'));
});

test('one that lies in another goes though its addresses are used', async () => {
  await using it = await cluster();
  await it.create('more', '10.1.0.0/24');
  await it.until(async () => (await it.range('more')).metadata.finalizers !== undefined);
  await it.service('a', '10.1.0.7');
  await it.create('all', '10.1.0.0/16');
  await it.remove('more');
  const waited = await it.until(() => it.isGone('more'));
  assert.ok(waited >= 9_000, `it went after ${waited} ms, and other servers may not know yet`);
  assert.equal(await it.isGone('all'), false);
});

const complaints: readonly { name: string; cidrs: string[]; want: string }[] = [
  { name: 'none', cidrs: [], want: 'spec.cidrs: Required value: at least one CIDR required' },
  {
    name: 'host bits',
    cidrs: ['10.1.0.1/24'],
    want: 'spec.cidrs[0]: Invalid value: "10.1.0.1/24": must not have bits set beyond the prefix length',
  },
  {
    name: 'two of a family',
    cidrs: ['10.1.0.0/24', '10.2.0.0/24'],
    want: 'spec.cidrs: Invalid value: ["10.1.0.0/24","10.2.0.0/24"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
  },
];
test('ranges that cannot be used are refused, and a range cannot change', async (context) => {
  await using it = await cluster();
  for (const { name, cidrs, want } of complaints)
    await context.test(name, () =>
      assert.rejects(
        it.create('bad', ...cidrs),
        (error: Error) => error.message === `ServiceCIDR.networking.k8s.io "bad" is invalid: ${want}`,
      ),
    );
  await assert.rejects(
    it.client.patch(
      ServiceCIDRs,
      { name: 'kubernetes' },
      { type: 'merge', body: { spec: { cidrs: ['10.9.0.0/16'] } } },
    ),
    /spec\.cidrs\[0\]: Invalid value: "10\.9\.0\.0\/16": field is immutable/,
  );
});
