import assert from 'node:assert/strict';
import { test } from 'node:test';
import { denialMessage } from './denial-message.ts';

const flow = { profile: 1, from: '10.244.0.5', to: '10.244.0.7', protocol: 'tcp', port: 5432, packets: 1 };

for (const { name, direction, policies, more = {}, peer, want } of [
  {
    name: 'from a pod, by one policy',
    direction: 'ingress' as const,
    policies: ['shop/db'],
    peer: 'shop/web',
    want: 'NetworkPolicy "db" does not allow ingress from pod shop/web (10.244.0.5) to port 5432/TCP',
  },
  {
    name: 'from elsewhere, by two policies',
    direction: 'ingress' as const,
    policies: ['shop/all', 'shop/db'],
    peer: undefined,
    want: 'NetworkPolicies "all" and "db" do not allow ingress from 10.244.0.5 to port 5432/TCP',
  },
  {
    name: 'to a pod, by many policies',
    direction: 'egress' as const,
    policies: ['shop/a', 'shop/b', 'shop/c', 'shop/d', 'shop/e'],
    peer: 'shop/db',
    want: 'NetworkPolicies "a", "b", "c" and 2 more do not allow egress to pod shop/db (10.244.0.7), port 5432/TCP',
  },
  {
    name: 'without ports',
    direction: 'egress' as const,
    policies: ['shop/a'],
    more: { protocol: 'icmp', port: 61000 },
    peer: undefined,
    want: 'NetworkPolicy "a" does not allow egress to 10.244.0.7, ICMP',
  },
])
  test(`what was refused is told: ${name}`, () =>
    assert.equal(denialMessage({ direction, policies }, { ...flow, ...more }, peer), want));
