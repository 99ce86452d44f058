import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { ContainerPort, Pod, Service } from '../../src/api/core/v1/types.ts';
import type { EndpointSlice } from '../../src/api/discovery/v1/types.ts';
import { run } from '../../src/base/node/command.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { openAddresses } from '../../src/proxy/announced-addresses.ts';
import type { Collection } from '../../src/proxy/elements.ts';
import { inside } from '../../src/local/network.ts';
import { planHostPorts } from '../../src/proxy/host-port-plan.ts';
import { RuleModel } from '../../src/proxy/rule-model.ts';
import { RuleWriter } from '../../src/proxy/rule-writer.ts';
import { serviceTable } from '../../src/proxy/service-table.ts';
import { planService } from '../../src/proxy/service-plan.ts';
import { keepAlive } from '../../src/main/keep-alive.ts';
import { makeServiceNetwork, type Echo, type ServiceNetwork } from './service-network.ts';

const skip = process.getuid?.() === 0 ? false : 'needs root';
const address = '10.96.0.10';
const balancer = '192.0.2.7';

describe('Services in the kernel', { skip }, () => {
  let network: ServiceNetwork;
  let model: RuleModel;
  let writer: RuleWriter<Collection>;
  let alive: Disposable;
  before(async () => {
    alive = keepAlive();
    network = await makeServiceNetwork();
  });
  beforeEach(() => {
    model = new RuleModel();
    writer = new RuleWriter(network.kernel, serviceTable(network.view));
  });
  after(async () => {
    await network?.[Symbol.asyncDispose]();
    alive[Symbol.dispose]();
  });

  /** A Service `web` over port 80 of both protocols, with these endpoints. */
  async function serve(endpoints: readonly Echo[], spec: Partial<Service['spec']> = {}): Promise<void> {
    const ports = (['TCP', 'UDP'] as const).map((protocol) => ({
      name: protocol,
      protocol,
      port: 80,
      targetPort: 8080,
    }));
    const service: Service = {
      metadata: { namespace: 'default', name: 'web' },
      spec: { type: 'ClusterIP', clusterIP: address, clusterIPs: [address], ports, ...spec },
      status: { loadBalancer: { ingress: [{ ip: balancer, ipMode: 'VIP' }] } },
    };
    const slice: EndpointSlice = {
      metadata: { namespace: 'default', name: 'web-1' },
      addressType: 'IPv4',
      ports: ports.map(({ name, protocol }) => ({ name, protocol, port: 8080 })),
      endpoints: endpoints.map((one) => ({
        addresses: [one.address],
        nodeName: one === network.remote ? 'two' : 'one',
        conditions: { ready: true },
      })),
    };
    model.set('service default/web', planService(service, [slice], network.view));
    await writer.write(model);
  }
  async function times(count: number, ask: () => Promise<string>): Promise<Map<string, number>> {
    const heard = new Map<string, number>();
    for (let i = 0; i < count; i++) {
      const text = await ask();
      heard.set(text, (heard.get(text) ?? 0) + 1);
    }
    return heard;
  }

  test('a pod and a process on the node reach a pod by the cluster address, and are seen as who they are', async () => {
    const [a, b] = network.pods;
    await serve([b]);
    assert.equal(await a.tcp(address, 80), `pod-1 saw ${a.address}`);
    assert.equal(await a.udp(address, 80), `pod-1 saw ${a.address}`);
    assert.equal(await network.node.tcp(address, 80), `pod-1 saw ${network.node.address}`);
    assert.equal(await network.node.udp(address, 80), `pod-1 saw ${network.node.address}`);
  });

  test('a pod reaches itself through its Service', async () => {
    const [a] = network.pods;
    await serve([a]);
    assert.match(await a.tcp(address, 80), /^pod-0 saw /);
    assert.match(await a.udp(address, 80), /^pod-0 saw /);
  });

  test('connections are spread over all endpoints', async () => {
    const [a, b] = network.pods;
    await serve([a, b, network.remote]);
    const heard = await times(150, () => network.node.tcp(address, 80));
    assert.equal(heard.size, 3, [...heard].join());
    // Each of three is missed or drawn more than 80 times out of 150 once in 10 million runs.
    for (const count of heard.values()) assert.ok(count > 20 && count < 80, [...heard].join());
  });

  test('endpoints come and go by differences', async () => {
    const [a, b] = network.pods;
    await serve([a, b, network.remote]);
    for (const [present, names] of [
      [
        [b, network.remote],
        ['pod-1', 'remote'],
      ],
      [[b], ['pod-1']],
      [
        [a, b],
        ['pod-0', 'pod-1'],
      ],
      [[network.remote], ['remote']],
    ] as const) {
      await serve(present);
      const heard = await times(30, () => network.node.tcp(address, 80));
      assert.deepEqual([...heard.keys()].map((text) => text.split(' ')[0]).sort(), names);
    }
  });

  test('a Service without endpoints refuses, and so does an address that no Service has', async () => {
    await serve([]);
    for (const from of [network.pods[0], network.node]) {
      assert.equal(await from.tcp(address, 80), 'ECONNREFUSED', from.address);
      assert.equal(await from.tcp('10.96.77.77', 80), 'ECONNREFUSED', `x${from.address}`);
    }
    assert.equal(await network.pods[0].udp(address, 80), 'ECONNREFUSED');
    assert.match(await network.node.udp(address, 80), /^(ECONNREFUSED|EPERM)$/);
    await serve([network.pods[1]]);
    assert.match(await network.pods[0].tcp(address, 80), /^pod-1/);
  });

  test('an address of Services that the node has itself answers, to pods and to the node', async () => {
    const own = '10.96.0.53';
    await network.run('ip', ['address', 'add', `${own}/32`, 'dev', 'lo']);
    await serve([]);
    for (const from of [network.pods[0], network.node]) assert.match(await from.tcp(own, 8080), /^node saw/);
    await network.run('ip', ['address', 'delete', `${own}/32`, 'dev', 'lo']);
  });

  test('a client stays with its endpoint while affinity is asked for, and moves when the endpoint goes', async () => {
    const [a, b] = network.pods;
    const sticky = {
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 100 } },
    } as const;
    await serve([a, b, network.remote], sticky);
    const heard = await times(30, () => network.node.tcp(address, 80));
    assert.equal(heard.size, 1, [...heard].join());
    const [first = ''] = heard.keys();
    const others = [a, b, network.remote].filter((_, index) => !first.startsWith(['pod-0', 'pod-1', 'remote'][index]!));
    await serve(others, sticky);
    const moved = await times(30, () => network.node.tcp(address, 80));
    assert.equal(moved.size, 1, [...moved].join());
    assert.ok(!moved.has(first));
    await serve([a, b, network.remote], sticky);
    assert.deepEqual([...(await times(30, () => network.node.tcp(address, 80))).keys()], [...moved.keys()]);
  });

  test('a UDP client that goes on from one port is led to another endpoint when its own is gone', async () => {
    const [a, b] = network.pods;
    await serve([b]);
    const ask = () => network.client.udp(network.node.address, 30080, 5555);
    const ports = [{ name: 'UDP', protocol: 'UDP' as const, port: 80, nodePort: 30080 }];
    await serve([b], { type: 'NodePort', ports });
    assert.match(await ask(), /^pod-1/);
    await serve([a], { type: 'NodePort', ports });
    assert.match(await ask(), /^pod-0/);
    await serve([network.remote], { type: 'NodePort', ports });
    assert.match(await ask(), /^remote/);
  });

  test('a node port answers clients outside, wherever the pod is, in the name of the node', async () => {
    const ports = [{ name: 'TCP', protocol: 'TCP' as const, port: 80, nodePort: 30080 }];
    for (const pod of [network.pods[0], network.remote]) {
      await serve([pod], { type: 'NodePort', ports });
      const seen = await network.client.tcp(network.node.address, 30080);
      assert.match(seen, pod === network.remote ? /^remote saw 172\.29\.99\.2$/ : /^pod-0 saw 10\.244\.1\.1$/);
      assert.match(await network.node.tcp(network.node.address, 30080), /^(pod-0|remote) saw/);
      assert.match(await network.pods[1].tcp(network.node.address, 30080), /^(pod-0|remote) saw/);
    }
  });

  test('with the local policy a pod sees the client, and nodes without a pod drop what comes from outside', async () => {
    const ports = [{ name: 'TCP', protocol: 'TCP' as const, port: 80, nodePort: 30080 }];
    const local = { type: 'LoadBalancer', ports, externalTrafficPolicy: 'Local' } as const;
    await serve([network.pods[0], network.remote], local);
    const heard = await times(20, () => network.client.tcp(balancer, 80));
    assert.deepEqual([...heard.keys()], [`pod-0 saw ${network.client.address}`]);
    assert.equal(await network.client.tcp(network.node.address, 30080), `pod-0 saw ${network.client.address}`);
    await serve([network.remote], local);
    assert.equal(await network.client.tcp(balancer, 80), 'no answer');
    assert.match(await network.pods[0].tcp(balancer, 80), /^remote saw/);
    assert.match(await network.node.tcp(balancer, 80), /^remote saw/);
    await serve([], local);
    assert.equal(await network.client.tcp(balancer, 80), 'ECONNREFUSED');
  });

  test('with the internal policy local, only pods of this node answer', async () => {
    await serve([network.pods[1], network.remote], { internalTrafficPolicy: 'Local' });
    const heard = await times(20, () => network.pods[0].tcp(address, 80));
    assert.deepEqual([...heard.keys()], [`pod-1 saw ${network.pods[0].address}`]);
    await serve([network.remote], { internalTrafficPolicy: 'Local' });
    assert.equal(await network.pods[0].tcp(address, 80), 'no answer');
  });

  test('a load balancer lets in only the clients that it is told of', async () => {
    const limited = (range: string) =>
      serve([network.pods[0]], {
        type: 'LoadBalancer',
        loadBalancerSourceRanges: [range, '10.0.0.0/8', '10.1.0.0/16'],
      });
    await limited('172.29.99.200/32');
    assert.match(await network.client.tcp(balancer, 80), /^pod-0/);
    await limited('172.29.99.201/32');
    assert.equal(await network.client.tcp(balancer, 80), 'no answer');
    assert.match(await network.pods[1].tcp(balancer, 80), /^pod-0/);
  });

  test('host ports of a pod answer clients outside and the node, on all addresses or one, and end with the pod', async () => {
    const [pod] = network.pods;
    const own = network.node.address;
    const second = '172.29.99.9';
    await network.run('ip', ['address', 'add', `${second}/32`, 'dev', 'eth0']);
    const ports: ContainerPort[] = [
      { containerPort: 8080, hostPort: 9001 },
      { containerPort: 8080, hostPort: 9002, protocol: 'UDP' },
      { containerPort: 8080, hostPort: 9003, hostIP: second },
      { containerPort: 8080, hostPort: 9003, hostIP: '127.0.0.1' },
    ];
    const place = async (phase: 'Running' | 'Succeeded'): Promise<void> => {
      const object: Pod = {
        metadata: { namespace: 'default', name: 'with-ports' },
        spec: { containers: [{ name: 'app', image: 'app', ports }] },
        status: { phase, podIP: pod.address },
      };
      model.set('pod default/with-ports', planHostPorts(object, network.view));
      await writer.write(model);
    };
    await place('Running');
    const clients = [
      { from: network.client, seen: network.client.address },
      { from: network.node, seen: own },
      { from: network.pods[1], seen: network.pods[1].address },
      { from: network.remote, seen: network.remote.address },
    ];
    for (const { from, seen } of clients) {
      assert.equal(await from.tcp(own, 9001), `pod-0 saw ${seen}`);
      assert.equal(await from.udp(own, 9002, 5556), `pod-0 saw ${seen}`);
      assert.equal(await from.tcp(own, 9003), 'ECONNREFUSED', seen);
    }
    assert.equal(await network.client.tcp(second, 9003), `pod-0 saw ${network.client.address}`);
    assert.match(await network.node.tcp(second, 9003), /^pod-0 saw/);
    assert.match(await pod.tcp(own, 9001), /^pod-0 saw/, 'itself');
    assert.match(await network.node.tcp('127.0.0.1', 9003), /^pod-0 saw 10\.244\./);
    assert.equal(await network.pods[1].tcp('127.0.0.1', 9003), 'ECONNREFUSED');
    await place('Succeeded');
    for (const { from } of clients) {
      assert.equal(await from.tcp(own, 9001), 'ECONNREFUSED');
      assert.equal(await from.udp(own, 9002, 5556), 'ECONNREFUSED');
      assert.equal(await from.tcp(second, 9003), 'ECONNREFUSED');
    }
    await network.run('ip', ['address', 'delete', `${second}/32`, 'dev', 'eth0']);
  });

  test('the address of a load balancer goes by itself unless it is renewed', async () => {
    const addresses = openAddresses({ lifetimeSeconds: 4, start: network.run });
    const began = systemClock.monotonic();
    await addresses.add(balancer);
    for (let second = 0; second < 6; second++) {
      assert.deepEqual(await addresses.list(), [balancer], `after ${second} s`);
      assert.match(await network.client.tcp(balancer, 8080), /^node saw/);
      await systemClock.sleep(1000);
      await addresses.renew([balancer]);
    }
    while ((await addresses.list()).length > 0) {
      assert.ok(systemClock.monotonic() - began < 20_000, 'it does not go');
      await systemClock.sleep(200);
    }
    await addresses.add(balancer);
    await addresses.remove(balancer);
    assert.deepEqual(await addresses.list(), []);
  });

  test('a packet of a connection that the kernel does not know any more is not passed on under a wrong address', async () => {
    const [pod] = network.pods;
    await serve([pod]);
    await network.run('tee', ['/proc/sys/net/netfilter/nf_conntrack_tcp_loose'], { input: '0' });
    const program = (place: string, text: string) =>
      run(...inside({ namespace: join(network.folder, place) }, process.execPath, ['-e', text]));
    const go = join(network.folder, 'go');
    const server = program(
      'pod-0',
      `require('net').createServer((socket) => {
        socket.on('error', () => process.exit());
        const timer = setInterval(() => {
          if (!require('fs').existsSync('${go}')) return;
          clearInterval(timer);
          socket.write('late');
          setTimeout(() => process.exit(), 2000);
        }, 20);
      }).listen(8099, () => require('fs').writeFileSync('${go}.listening', ''))`,
    );
    while (!existsSync(`${go}.listening`)) await systemClock.sleep(50);
    const asking = program(
      'client',
      `require('net').connect(8099, '${pod.address}').on('data', (data) => console.log(String(data)))
        .on('error', () => process.exit());
       setInterval(() => require('fs').existsSync('${go}') && setTimeout(() => process.exit(), 2000), 50);`,
    );
    const isKnown = async () => /ESTABLISHED.*dport=8099/.test(await network.run('conntrack', ['-L']));
    while (!(await isKnown())) await systemClock.sleep(50);
    await network.run('conntrack', ['--flush']);
    writeFileSync(go, '');
    assert.deepEqual([await server, await asking], ['', '']);
    await network.run('tee', ['/proc/sys/net/netfilter/nf_conntrack_tcp_loose'], { input: '1' });
  });

  test('after somebody removed the table, the next change brings all of it back', async () => {
    await serve([network.pods[0]]);
    await network.run('nft', ['flush', 'ruleset']);
    await assert.rejects(serve([network.pods[1]]));
    await serve([network.pods[1]]);
    assert.match(await network.pods[0].tcp(address, 80), /^pod-1/);
  });
});
