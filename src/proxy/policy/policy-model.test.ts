import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Pod } from '../../api/core/v1/types.ts';
import type { LabelSelector } from '../../api/meta/v1/types.ts';
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../../api/networking/v1/types.ts';
import { cidrContains, parseCidr, parseIp } from '../../apimachinery/ip.ts';
import { keyText, type ObjectKey } from '../../apimachinery/object.ts';
import { labelSelectorMatcher, labelSelectorOf } from '../../apimachinery/selectors/label-selector.ts';
import { systemClock } from '../../base/system-clock.ts';
import type { Difference } from '../table.ts';
import { compilePolicy } from './compiled-policy.ts';
import { PolicyModel } from './policy-model.ts';
import { policyPod } from './policy-pod.ts';
import { policyTable, type PolicyCollection } from './policy-table.ts';

interface Packet {
  readonly from: string;
  readonly to: string;
  readonly protocol: 'TCP' | 'UDP' | 'ICMP';
  readonly port: number;
}

interface World {
  readonly pods: Map<string, Pod>;
  readonly policies: Map<string, NetworkPolicy>;
  readonly namespaces: Map<string, Record<string, string>>;
}

/** Whether the node `one` lets the first packet of a connection through, by what the API says of policies. */
function allows({ pods, policies, namespaces }: World, { from, to, protocol, port }: Packet): boolean {
  if (from === to) return true;
  const podAt = (address: string): Pod | undefined =>
    [...pods.values()].find(
      ({ status, spec }) => status?.podIP === address && status.phase !== 'Failed' && !spec.hostNetwork,
    );
  const takes = (selector: LabelSelector | undefined, labels: Record<string, string> = {}): boolean =>
    labelSelectorMatcher(selector ?? {})(labels);
  const isPeer = ({ ipBlock, namespaceSelector, podSelector }: NetworkPolicyPeer, address: string, home: string) => {
    const isIn = (range: string): boolean => cidrContains(parseCidr(range)!, parseIp(address)!);
    if (ipBlock !== undefined) return isIn(ipBlock.cidr) && !(ipBlock.except ?? []).some(isIn);
    const pod = podAt(address);
    if (pod === undefined) return false;
    const { namespace = '', labels } = pod.metadata;
    const place = namespaces.get(namespace);
    const isThere =
      namespaceSelector === undefined
        ? namespace === home
        : place === undefined
          ? labelSelectorOf(namespaceSelector).requirements.length === 0
          : takes(namespaceSelector, place);
    return isThere && takes(podSelector, labels);
  };
  const isPort = (wanted: NetworkPolicyPort): boolean => {
    if ((wanted.protocol ?? 'TCP') !== protocol) return false;
    if (wanted.port === undefined) return true;
    if (typeof wanted.port === 'number') return wanted.port <= port && port <= (wanted.endPort ?? wanted.port);
    return (podAt(to)?.spec.containers[0]!.ports ?? []).some(
      (one) => one.name === wanted.port && one.protocol === protocol && one.containerPort === port,
    );
  };
  return (['Egress', 'Ingress'] as const).every((type) => {
    const subject = podAt(type === 'Egress' ? from : to);
    if (subject?.spec.nodeName !== 'one') return true;
    const isolating = [...policies.values()].filter(
      ({ metadata, spec }) =>
        metadata.namespace === subject.metadata.namespace &&
        spec.policyTypes!.includes(type) &&
        takes(spec.podSelector, subject.metadata.labels),
    );
    const other = type === 'Egress' ? to : from;
    const rulesOf = ({ spec }: NetworkPolicy) =>
      type === 'Egress'
        ? (spec.egress ?? []).map(({ to: peers, ports }) => ({ peers, ports }))
        : (spec.ingress ?? []).map(({ from: peers, ports }) => ({ peers, ports }));
    // A name says nothing of an address that is no pod of a selector, and so nothing of a block.
    const isAllowed = (policy: NetworkPolicy): boolean =>
      rulesOf(policy).some(({ peers, ports }) => {
        const matching = ports?.length ? ports.filter(isPort) : [{ port: 0 }];
        return matching.some(
          (one) =>
            !peers?.length ||
            peers.some(
              (peer) =>
                isPeer(peer, other, policy.metadata.namespace!) &&
                !(type === 'Egress' && peer.ipBlock !== undefined && typeof one.port === 'string'),
            ),
        );
      });
    return isolating.length === 0 || isolating.some(isAllowed);
  });
}

/** The kernel's side: takes differences, refuses what nftables refuses, and sends packets through the chains. */
class Kernel {
  readonly #elements = new Map<string, string>();

  take({ remove, add }: Difference<PolicyCollection>): void {
    for (const { collection, key } of remove) assert.ok(this.#elements.delete(`${collection} ${key}`), key);
    for (const { collection, key, value } of add) {
      assert.ok(!this.#elements.has(`${collection} ${key}`), key);
      this.#elements.set(`${collection} ${key}`, value);
    }
  }

  get size(): number {
    return this.#elements.size;
  }

  passes(packet: Packet): boolean {
    if (this.#elements.has(`itself ${packet.from} . ${packet.to}`)) return true;
    const walks = [`egress ${packet.from}`, `ingress ${packet.to}`].map((key) => this.#elements.get(key));
    return walks.every((profile) => profile === undefined || this.#walk(profile, packet));
  }

  #walk(profile: string, { from, to, protocol, port }: Packet): boolean {
    const chain = this.#elements.get(`walks ${profile}`)!.slice('goto '.length);
    const [direction] = chain.split('-');
    const peer = direction === 'ingress' ? from : to;
    const rules = policyTable.rulesOf(chain);
    assert.equal(rules.at(-1), 'goto refuse');
    return rules.slice(0, -1).some((rule, step) => {
      assert.ok(rule.startsWith(`ct mark set ${step} `));
      const group = this.#elements.get(`peers ${profile} . ${step}`)!;
      const services = this.#elements.get(`ports ${profile} . ${step}`)!;
      const isPeer = rule.includes('@members')
        ? this.#elements.has(`members ${group} . ${peer}`)
        : this.#inRange(`ranges ${group} . `, (text) => isBetween(number(peer), text, number));
      return isPeer && this.#inRange(`services ${services} . `, (text) => isService(text, protocol, port));
    });
  }

  #inRange(prefix: string, test: (text: string) => boolean): boolean {
    return [...this.#elements.keys()].some((key) => key.startsWith(prefix) && test(key.slice(prefix.length)));
  }
}

function number(address: string): number {
  return parseIp(address)!.reduce((all, byte) => all * 256 + byte, 0);
}

function isBetween(value: number, text: string, read: (text: string) => number): boolean {
  const [first = '', last = first] = text.split('-');
  return read(first) <= value && value <= read(last);
}

function isService(text: string, protocol: string, port: number): boolean {
  const [name, ports = ''] = text.split(' . ');
  return (name === '0-255' || name === protocol.toLowerCase()) && isBetween(port, ports, Number);
}

const label = fc.constantFrom('a', 'b');
const labels = fc.record({ app: label }, { requiredKeys: [] });
const namespace = fc.constantFrom('one', 'two');
const selector: fc.Arbitrary<LabelSelector> = fc.oneof(
  fc.constant({}),
  labels.map((matchLabels) => ({ matchLabels })),
  fc.record({
    matchExpressions: fc.tuple(
      fc.record({ key: fc.constant('app'), operator: fc.constantFrom('In', 'NotIn'), values: fc.tuple(label) }),
    ),
  }),
);
const addresses = ['10.244.0.1', '10.244.0.2', '10.244.1.1', '10.244.1.2', '192.0.2.1'];
const podPort = fc.record({
  name: fc.constantFrom('http', 'dns'),
  containerPort: fc.constantFrom(80, 81, 8080),
  protocol: fc.constantFrom('TCP' as const, 'UDP' as const),
});
const podAt = (index: number): fc.Arbitrary<Pod> =>
  fc
    .record({
      labels,
      node: fc.constantFrom('one', 'one', 'two'),
      ports: fc.array(podPort, { maxLength: 2 }),
      phase: fc.constantFrom('Running', 'Running', 'Running', 'Failed'),
      hostNetwork: fc.constantFrom(false, false, false, true),
    })
    .map(({ labels: own, node, ports, phase, hostNetwork }): Pod => ({
      metadata: { namespace: index % 2 ? 'one' : 'two', name: `pod-${index}`, labels: own as Record<string, string> },
      spec: { nodeName: node, hostNetwork, containers: [{ name: 'app', ports }] },
      status: { phase: phase as 'Running', podIP: addresses[index]! },
    }));
const port: fc.Arbitrary<NetworkPolicyPort> = fc.record(
  {
    protocol: fc.constantFrom('TCP' as const, 'UDP' as const),
    port: fc.constantFrom<number | string>(80, 81, 'http', 'dns'),
    endPort: fc.constantFrom(81, 9000),
  },
  { requiredKeys: [] },
);
const peer: fc.Arbitrary<NetworkPolicyPeer> = fc.oneof(
  fc.record({ podSelector: selector }),
  fc.record({ namespaceSelector: selector }),
  fc.record({ namespaceSelector: selector, podSelector: selector }),
  fc.record({
    ipBlock: fc.record({
      cidr: fc.constantFrom('10.244.0.0/16', '0.0.0.0/0', '192.0.2.0/24', '2001:db8::/32'),
      except: fc.subarray(['10.244.0.0/31', '10.244.1.0/24', '192.0.2.1/32']),
    }),
  }),
);
const rule = fc.record(
  {
    peers: fc.array(peer, { maxLength: 2 }),
    ports: fc.array(
      // The server takes the end of a range only behind a number.
      port.map(({ endPort, ...rest }) => (typeof rest.port === 'number' && endPort ? { ...rest, endPort } : rest)),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: [] },
);
const policy = fc
  .record({
    name: fc.constantFrom('x', 'y'),
    namespace,
    podSelector: selector,
    ingress: fc.array(rule, { maxLength: 2 }),
    egress: fc.array(rule, { maxLength: 2 }),
    policyTypes: fc.subarray(['Ingress' as const, 'Egress' as const], { minLength: 1 }),
  })
  .map(({ name, namespace: home, ingress, egress, ...spec }): NetworkPolicy => ({
    metadata: { namespace: home, name },
    spec: {
      ...spec,
      ingress: ingress.map(({ peers, ports }) => ({ ...(peers && { from: peers }), ...(ports && { ports }) })),
      egress: egress.map(({ peers, ports }) => ({ ...(peers && { to: peers }), ...(ports && { ports }) })),
    },
  }));
const indexes = [0, 1, 2, 3];
const podChange = (index: number) =>
  fc.record({ kind: fc.constant('pod' as const), object: podAt(index), gone: fc.constant(false) });
const namespaceChange = (name: fc.Arbitrary<string>) =>
  fc.record({ kind: fc.constant('namespace' as const), name, labels, gone: fc.constant(false) });
const policyChange = fc.record({ kind: fc.constant('policy' as const), object: policy, gone: fc.constant(false) });
const gone = fc.constantFrom(false, false, true);
const change = fc
  .oneof(fc.nat({ max: 3 }).chain(podChange), policyChange, namespaceChange(namespace))
  .chain((one) => gone.map((isGone) => ({ ...one, gone: isGone })));
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;
/** Everything at once, then one by one. */
const steps: fc.Arbitrary<Change[][]> = fc
  .tuple(
    fc.tuple(...indexes.map(podChange)),
    fc.tuple(...['one', 'two'].map((name) => namespaceChange(fc.constant(name)))),
    fc.array(policyChange, { minLength: 1, maxLength: 3 }),
    fc.array(change, { maxLength: 5 }),
  )
  .map(([pods, namespaces, policies, more]) => [[...pods, ...policies, ...namespaces], ...more.map((one) => [one])]);

const packets: Packet[] = addresses.flatMap((from) =>
  addresses.flatMap((to) => [
    ...[80, 81, 8080].map((number): Packet => ({ from, to, protocol: 'TCP', port: number })),
    { from, to, protocol: 'UDP', port: 80 },
    { from, to, protocol: 'ICMP', port: 0 },
  ]),
);

test('whatever changes, the kernel lets through what the policies allow, and holds nothing when all is gone', () =>
  fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const world: World = { pods: new Map(), policies: new Map(), namespaces: new Map() };
      const model = new PolicyModel();
      const kernel = new Kernel();
      const write = async (): Promise<void> => {
        await model.update(systemClock);
        kernel.take(model.difference());
        model.taken();
        assert.equal(kernel.size, model.elements().length);
      };
      for (const changes of all) {
        for (const one of changes) make(one, world, model);
        await write();
        for (const packet of packets)
          assert.equal(kernel.passes(packet), allows(world, packet), JSON.stringify(packet));
      }
      for (const key of world.policies.keys()) model.setPolicy(key, undefined);
      await write();
      assert.equal(kernel.size, 0);
    }),
    { numRuns: 200 },
  ));

/** Makes a change in both worlds. */
function make(one: Change, { pods, policies, namespaces }: World, model: PolicyModel): void {
  if (one.kind === 'namespace') {
    if (one.gone) namespaces.delete(one.name);
    else namespaces.set(one.name, one.labels as Record<string, string>);
    return void model.setNamespace(one.name, namespaces.get(one.name));
  }
  const key = keyText(one.object.metadata as ObjectKey);
  const put = <T>(objects: Map<string, T>, object: T): T | undefined => {
    if (one.gone) objects.delete(key);
    else objects.set(key, object);
    return objects.get(key);
  };
  if (one.kind === 'policy') {
    const now = put(policies, one.object);
    return model.setPolicy(key, now && compilePolicy(now));
  }
  const now = put(pods, one.object);
  model.setPod(key, now && policyPod(now, 'one'));
}
