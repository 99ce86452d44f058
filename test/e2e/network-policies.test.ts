import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Pod, Service } from '../../src/api/core/v1/types.ts';
import type { EndpointSlice } from '../../src/api/discovery/v1/types.ts';
import type { NetworkPolicySpec } from '../../src/api/networking/v1/types.ts';
import { run } from '../../src/base/node/command.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { keepAlive } from '../../src/main/keep-alive.ts';
import { compilePolicy } from '../../src/proxy/policy/compiled-policy.ts';
import { PolicyModel } from '../../src/proxy/policy/policy-model.ts';
import { policyPod } from '../../src/proxy/policy/policy-pod.ts';
import { policyTable, type PolicyCollection } from '../../src/proxy/policy/policy-table.ts';
import { openRefusalSets } from '../../src/proxy/policy/refusal-sets.ts';
import { RuleModel } from '../../src/proxy/rule-model.ts';
import { RuleWriter } from '../../src/proxy/rule-writer.ts';
import { planService } from '../../src/proxy/service-plan.ts';
import { serviceTable } from '../../src/proxy/service-table.ts';
import { makeServiceNetwork, type Echo, type ServiceNetwork } from './service-network.ts';

const skip = process.getuid?.() === 0 ? false : 'needs root';
const port = 8080;

describe('NetworkPolicies in the kernel', { skip }, () => {
  let network: ServiceNetwork;
  let model: PolicyModel;
  let writer: RuleWriter<PolicyCollection>;
  let alive: Disposable;
  before(async () => {
    alive = keepAlive();
    network = await makeServiceNetwork();
  });
  beforeEach(async () => {
    model = new PolicyModel();
    writer = new RuleWriter(network.kernel, policyTable);
    model.setNamespace('default', { team: 'a' });
    const [a, b] = network.pods;
    for (const [name, { address }] of Object.entries({ a, b, remote: network.remote })) place(name, address);
    await write();
  });
  after(async () => {
    await network?.[Symbol.asyncDispose]();
    alive[Symbol.dispose]();
  });

  function place(name: string, podIP: string): void {
    const pod: Pod = {
      metadata: { namespace: 'default', name, labels: { name } },
      spec: {
        nodeName: name === 'remote' ? 'two' : 'one',
        containers: [{ name: 'app', ports: [{ name: 'echo', containerPort: port, protocol: 'TCP' }] }],
      },
      status: { podIP },
    };
    model.setPod(`default/${name}`, policyPod(pod, 'one'));
  }
  async function write(): Promise<void> {
    await model.update(systemClock);
    await writer.write(model);
  }
  /** Puts a policy in place of the one of that name. */
  async function have(spec: NetworkPolicySpec | undefined, name = 'policy'): Promise<void> {
    const policy = spec && compilePolicy({ metadata: { namespace: 'default', name }, spec });
    model.setPolicy(`default/${name}`, policy);
    await write();
  }
  const only = (name: string) => ({ matchLabels: { name } });
  const heard = (by: Echo, from: Echo): string =>
    `${by === network.pods[0] ? 'pod-0' : by === network.pods[1] ? 'pod-1' : by === network.remote ? 'remote' : 'client'} saw ${from.address}`;
  async function assertReaches(from: Echo, to: Echo): Promise<void> {
    assert.equal(await from.tcp(to.address, port), heard(to, from));
    assert.equal(await from.udp(to.address, port), heard(to, from));
  }
  async function assertRefused(from: Echo, to: Echo): Promise<void> {
    const answers = await Promise.all([from.tcp(to.address, port), from.udp(to.address, port)]);
    assert.deepEqual(answers, ['no answer', 'no answer']);
  }

  test('without a policy everybody reaches everybody', async () => {
    const [a, b] = network.pods;
    for (const [from, to] of [
      [a, b],
      [network.remote, a],
      [a, network.remote],
      [network.client, a],
    ] as const)
      await assertReaches(from, to);
  });

  test('an isolated pod is reached from its node and by itself, but by nobody else, and may go out', async () => {
    const [a, b] = network.pods;
    await have({ podSelector: only('a'), policyTypes: ['Ingress'] });
    await Promise.all([b, network.remote, network.client].map((from) => assertRefused(from, a)));
    assert.equal(await network.node.tcp(a.address, port), 'pod-0 saw 10.244.1.1');
    await assertReaches(a, b);
    await assertReaches(a, network.remote);
    await have(undefined);
    await assertReaches(b, a);
  });

  test('a pod that may not go out reaches its node and answers who comes in', async () => {
    const [a, b] = network.pods;
    await have({ podSelector: only('a'), policyTypes: ['Egress'] });
    await Promise.all([b, network.remote, network.client].map((to) => assertRefused(a, to)));
    assert.equal(await a.tcp(network.node.address, port), `node saw ${a.address}`);
    for (const from of [b, network.remote, network.client]) await assertReaches(from, a);
  });

  test('peers are let in by their labels, on this node and elsewhere, and no more once they lose them', async () => {
    const [a, b] = network.pods;
    const from = (name: string) => ({ ingress: [{ from: [{ podSelector: only(name) }] }] });
    await have({ podSelector: only('a'), policyTypes: ['Ingress'], ...from('remote') });
    await assertReaches(network.remote, a);
    await assertRefused(b, a);
    await have({ podSelector: only('a'), policyTypes: ['Ingress'], ...from('b') }, 'second');
    await assertReaches(b, a);
    await have(undefined);
    await assertRefused(network.remote, a);
    await assertReaches(b, a);
    model.setPod('default/b', undefined);
    await write();
    await assertRefused(b, a);
  });

  test('blocks are let in but for their exceptions', async () => {
    const [a] = network.pods;
    const ipBlock = { cidr: '172.29.99.0/24', except: ['172.29.99.192/26'] };
    await have({ podSelector: only('a'), policyTypes: ['Ingress'], ingress: [{ from: [{ ipBlock }] }] });
    await assertRefused(network.client, a);
    await have({
      podSelector: only('a'),
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ ipBlock: { ...ipBlock, except: ['172.29.99.201/32'] } }] }],
    });
    await assertReaches(network.client, a);
  });

  test('only the ports and protocols that are named are let in: numbers, ranges and names', async () => {
    const [a, b] = network.pods;
    for (const wanted of [{ port }, { port: 8000, endPort: 9000 }, { port: 'echo' }, {}]) {
      const ports = [{ protocol: 'TCP' as const, ...wanted }];
      await have({ podSelector: only('a'), policyTypes: ['Ingress'], ingress: [{ ports }] });
      assert.equal(await b.tcp(a.address, port), heard(a, b));
      assert.equal(await b.udp(a.address, port), 'no answer');
      await have({ podSelector: only('b'), policyTypes: ['Egress'], egress: [{ ports }] }, 'out');
      assert.equal(await b.tcp(a.address, port), heard(a, b));
      await have(undefined, 'out');
    }
    await have({ podSelector: only('a'), policyTypes: ['Ingress'], ingress: [{ ports: [{ port: 8081 }] }] });
    await assertRefused(b, a);
  });

  test('a Service leads to where its pods may be reached, and a pod to itself', async () => {
    const [a, b] = network.pods;
    const services = new RuleModel();
    const serviceWriter = new RuleWriter(network.kernel, serviceTable(network.view));
    services.set('service default/web', planService(serviceOf(), [sliceOf(a)], network.view));
    await serviceWriter.write(services);
    await have({
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [{ podSelector: only('remote') }] }],
      egress: [{ to: [{ podSelector: only('remote') }] }],
    });
    assert.equal(await b.tcp('10.96.0.10', 80), 'no answer');
    assert.equal(await a.tcp('10.96.0.10', 80), 'pod-0 saw 10.244.1.1');
    await have({
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ ports: [{ port }] }],
      egress: [{ to: [{ podSelector: only('a') }], ports: [{ port }] }],
    });
    assert.equal(await b.tcp('10.96.0.10', 80), heard(a, b));
    await assertRefused(a, b);
  });

  test('a flow that was let in and answered goes on when a policy comes, and another one does not begin', async () => {
    const [a, b] = network.pods;
    const [old, other] = [40_001, 40_002];
    assert.equal(await b.udp(a.address, port, old), heard(a, b));
    await have({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    assert.equal(await b.udp(a.address, port, old), heard(a, b));
    assert.equal(await b.udp(a.address, port, other), 'no answer');
  });

  test('a pod does not evade its policies under the address of another', async () => {
    const [a, b] = network.pods;
    const gateway = '10.244.1.1';
    const strange = '10.244.1.99';
    const inPod = (...args: string[]) => run('nsenter', [`--net=${join(network.folder, 'pod-1')}`, 'ip', ...args]);
    await inPod('address', 'add', `${strange}/32`, 'dev', 'lo');
    await inPod('route', 'replace', 'default', 'via', gateway, 'src', strange);
    await b.udp(a.address, port);
    await inPod('route', 'replace', 'default', 'via', gateway);
    await inPod('address', 'delete', `${strange}/32`, 'dev', 'lo');
    const flows = await openRefusalSets(network.run).flows();
    assert.deepEqual(
      flows.map(({ profile, from, to }) => ({ profile, from, to })),
      [{ profile: 0, from: strange, to: a.address }],
    );
    await assertReaches(b, a);
  });

  test('what is refused is counted by profile, and remembered with who wanted what', async () => {
    const [a, b] = network.pods;
    await have({ podSelector: only('a'), policyTypes: ['Ingress'] });
    await b.udp(a.address, port);
    const sets = openRefusalSets(network.run);
    const [[profile, packets] = []] = await sets.denied();
    assert.equal(packets, 1);
    assert.deepEqual(model.profile(profile!)?.policies, ['default/policy']);
    assert.deepEqual(await sets.flows(), [
      { profile, from: b.address, to: a.address, protocol: 'udp', port, packets: 1 },
    ]);
  });

  function serviceOf(): Service {
    return {
      metadata: { namespace: 'default', name: 'web' },
      spec: { type: 'ClusterIP', clusterIP: '10.96.0.10', ports: [{ protocol: 'TCP', port: 80, targetPort: port }] },
    };
  }
  function sliceOf({ address }: Echo): EndpointSlice {
    return {
      metadata: { namespace: 'default', name: 'web-1' },
      addressType: 'IPv4',
      ports: [{ name: '', protocol: 'TCP', port }],
      endpoints: [{ addresses: [address], nodeName: 'one', conditions: { ready: true } }],
    };
  }
});
