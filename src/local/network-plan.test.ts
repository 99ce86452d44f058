import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressIn, cidr, cidrText, overlap, parseCidr, partOf } from './cidr.ts';
import { chooseRanges, gatewayOf, hostNames, hostTable, nodeAddress, nodeTable } from './network-plan.ts';

test('ranges are read, cut and compared', () => {
  assert.equal(cidrText(cidr('10.1.2.3/16')), '10.1.0.0/16');
  assert.equal(cidrText(cidr('192.168.1.1')), '192.168.1.1/32');
  assert.equal(cidrText(partOf(cidr('172.29.0.0/16'), 24, 255)), '172.29.255.0/24');
  assert.equal(addressIn(cidr('255.255.255.0/24'), 255), '255.255.255.255');
  for (const text of ['10.0.0.256', '10.0.0.0/33', 'fd00::/8', 'default', ''])
    assert.equal(parseCidr(text), undefined, text);
});

test('ranges overlap when one holds the other, not when they are neighbours', () => {
  assert.equal(overlap(cidr('10.0.0.0/8'), cidr('10.200.0.0/24')), true);
  assert.equal(overlap(cidr('10.0.1.0/24'), cidr('10.0.0.0/24')), false);
});

test('a cluster gets the usual ranges, and others where the machine routes those', () => {
  assert.deepEqual(chooseRanges([]), { nodes: '172.29.0.0/24', pods: '10.244.0.0/16', services: '10.96.0.0/16' });
  const taken = ['172.29.0.0/24', '172.29.1.1', '10.244.7.0/24', '10.64.0.0/10'].map(cidr);
  assert.deepEqual(chooseRanges(taken), { nodes: '172.29.2.0/24', pods: '10.245.0.0/16', services: '172.26.0.0/16' });
});

test('on a machine that routes everything nothing is chosen', () => {
  assert.throws(() => chooseRanges([cidr('0.0.0.0/1'), cidr('128.0.0.0/1')]), /no|free/);
});

test('names of interfaces fit, whatever the cluster is called, and differ by folder', () => {
  const names = hostNames('/var/lib/kubeling/clusters/a-cluster-with-quite-a-long-name');
  assert.ok(names.cable(999).length <= 15);
  assert.ok(names.cable(0).startsWith(`${names.bridge}-`));
  assert.notEqual(names.bridge, hostNames('/elsewhere').bridge);
});

test('the host is the gateway of the nodes', () => {
  assert.equal(gatewayOf('172.29.3.0/24'), '172.29.3.1');
  assert.equal(nodeAddress('172.29.3.0/24', 0), '172.29.3.2');
});

test('tables are replaced as a whole, and masquerade only what leaves', () => {
  const names = hostNames('/x');
  const host = hostTable(names, '172.29.0.0/24');
  assert.ok(host.startsWith(`table ip ${names.table}\ndelete table ip ${names.table}\n`));
  assert.match(host, /ip saddr 172\.29\.0\.0\/24 ip daddr != 172\.29\.0\.0\/24 oifname != "kl-[0-9a-f]{8}" masquerade/);
  const node = nodeTable(chooseRanges([]), { file: '' });
  assert.match(node, /ip saddr 10\.244\.0\.0\/16 ip daddr != 10\.244\.0\.0\/16 oifname "eth0" masquerade/);
  assert.match(node, /iifname != "lo" ip daddr 127\.0\.0\.0\/8 drop/);
});

test('ranges that are asked for are taken, if the machine does not route them', () => {
  const asked = { pods: '10.245.3.0/16', services: '10.244.0.0/20' };
  assert.deepEqual(chooseRanges([], asked), {
    nodes: '172.29.0.0/24',
    pods: '10.245.0.0/16',
    services: '10.244.0.0/20',
  });
  assert.equal(chooseRanges([], { services: '10.244.0.0/20' }).pods, '10.245.0.0/16');
  assert.throws(
    () => chooseRanges([cidr('10.245.9.0/24')], asked),
    /networking\.podSubnet: must not overlap what this machine routes \(10\.245\.9\.0\/24\), and is 10\.245\.3\.0\/16/,
  );
});

test('mapped ports lead to their nodes, also from the machine itself and from other nodes', () => {
  const mapped = { nodePort: 30080, address: '172.29.0.3' };
  const rules = hostTable(hostNames('/x'), '172.29.0.0/24', [
    { ...mapped, listen: '0.0.0.0', hostPort: 80, protocol: 'TCP' },
    { ...mapped, listen: '127.0.0.1', hostPort: 53, protocol: 'UDP' },
  ]);
  assert.equal(rules.split('fib daddr type local tcp dport 80 dnat to 172.29.0.3:30080').length, 3);
  assert.equal(rules.split('ip daddr 127.0.0.1 udp dport 53 dnat to 172.29.0.3:30080').length, 3);
  assert.match(rules, /ip daddr 127\.0\.0\.0\/8 drop/);
  assert.doesNotMatch(hostTable(hostNames('/x'), '172.29.0.0/24'), /dnat|drop/);
});
