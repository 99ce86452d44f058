import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service } from '../../api/core/v1/types.ts';
import { AddressPool } from './address-pool.ts';
import { planAddress } from './load-balancer-controller.ts';

function service(name: string, spec: Partial<Service['spec']> = {}): Service {
  return { metadata: { namespace: 'default', name }, spec: { type: 'LoadBalancer', ...spec } };
}

test('each gets the lowest free address, keeps it, and nobody gets one that another has', () => {
  const pool = new AddressPool('192.0.2.254-192.0.3.0');
  const addressOf = (name: string) => {
    const plan = planAddress(service(name), pool);
    return plan.kind === 'fails' ? plan.why : plan.address;
  };
  assert.deepEqual(['a', 'b', 'a', 'c', 'd'].map(addressOf), [
    '192.0.2.254',
    '192.0.2.255',
    '192.0.2.254',
    '192.0.3.0',
    'no address of 192.0.2.254-192.0.3.0 is free',
  ]);
  pool.release('default/b');
  assert.equal(addressOf('d'), '192.0.2.255');
});

const requests: readonly { name: string; address: string; want: string }[] = [
  { name: 'a free one is given', address: '192.0.2.7', want: 'gets 192.0.2.7' },
  {
    name: 'that of another is not',
    address: '192.0.2.1',
    want: 'requested address 192.0.2.1 is the address of Service default/other',
  },
  {
    name: 'one of elsewhere is not',
    address: '198.51.100.1',
    want: 'requested address 198.51.100.1 is not in the range 192.0.2.1-192.0.2.9',
  },
];
for (const { name, address, want } of requests)
  test(`request for an address: ${name}`, () => {
    const pool = new AddressPool('192.0.2.1-192.0.2.9');
    planAddress(service('other'), pool);
    planAddress(service('web'), pool);
    const plan = planAddress(service('web', { loadBalancerIP: address }), pool);
    assert.equal(plan.kind === 'fails' ? plan.why : `${plan.kind} ${plan.address}`, want);
    // Who moved has let go of the address before.
    assert.equal(pool.holderOf('192.0.2.2'), plan.kind === 'fails' ? 'default/web' : undefined);
  });

test('what is no range is refused with what would be one', () => {
  for (const text of ['', '192.0.2.1', '192.0.2.9-192.0.2.1', 'a-b'])
    assert.throws(() => new AddressPool(text), /must be a range such as/);
});
