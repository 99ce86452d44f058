import type { NetworkPolicy } from '../../src/api/networking/v1/types.ts';
import type { Pod } from '../../src/api/core/v1/types.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { wholeTable } from '../../src/proxy/nft-text.ts';
import { compilePolicy } from '../../src/proxy/policy/compiled-policy.ts';
import { PolicyModel } from '../../src/proxy/policy/policy-model.ts';
import { policyPod } from '../../src/proxy/policy/policy-pod.ts';
import { policyTable } from '../../src/proxy/policy/policy-table.ts';
import { RuleWriter } from '../../src/proxy/rule-writer.ts';
import { addBareElement, bareMap, openBenchKernel } from './bench-kernel.ts';
import type { Row } from './rows.ts';

const count = 1000;
const namespaces = 20;
const changes = 20;
const place = (index: number): string => `team-${index % namespaces}`;

/** Packet rules of as many policies as pods of one node, and of one more of each, in a network namespace of their own. */
export async function networkPolicyRows(say: (text: string) => void): Promise<Row[]> {
  await using opened = await openBenchKernel();
  const { kernel } = opened;
  say(`${count} network policies`);
  const model = new PolicyModel();
  const writer = new RuleWriter(kernel, policyTable);
  const write = async () => {
    await model.update(systemClock);
    return await writer.write(model);
  };
  const whole = await timed(async () => {
    for (let index = 0; index < namespaces; index++) model.setNamespace(place(index), { tier: `${index % 4}` });
    for (let index = 0; index < count; index++) {
      addPod(model, index);
      addPolicy(model, index);
    }
    return await write();
  });
  const alone = await timed(() => kernel.transact(wholeTable(policyTable, model.elements())));
  say('one more');
  const [policies, pods, bare]: [number[], number[], number[]] = [[], [], []];
  await kernel.transact(bareMap('small', 1));
  for (let index = count; index < count + changes; index++) {
    addPod(model, index);
    pods.push((await timed(write)).ms);
    addPolicy(model, index);
    policies.push((await timed(write)).ms);
    bare.push((await timed(() => kernel.transact(addBareElement('small', 1 + index - count)))).ms);
  }
  const floorOfOne = { unit: 'ms', floor: middle(bare), floorName: 'nft with one element in a small map' } as const;
  return [
    {
      name: `rules of ${count} network policies on ${count} pods of a node, planned and loaded`,
      value: whole.ms,
      unit: 'ms',
      floor: alone.ms,
      floorName: 'nft with the same sets',
      more: `${whole.value.added} elements`,
    },
    { name: `rules of one network policy more among ${count}`, value: middle(policies), ...floorOfOne },
    { name: `rules of one pod more among ${count} network policies`, value: middle(pods), ...floorOfOne },
  ];
}

function addPod(model: PolicyModel, index: number): void {
  const pod: Pod = {
    metadata: { namespace: place(index), name: `p${index}`, labels: { app: `a${index}`, role: `r${index % 10}` } },
    spec: { nodeName: 'one', containers: [{ name: 'app', ports: [{ name: 'http', containerPort: 8080 }] }] },
    status: { podIP: `10.244.${index >> 8}.${index & 255}` },
  };
  model.setPod(`${place(index)}/p${index}`, policyPod(pod, 'one'));
}

/** For one workload: from two others and from some namespaces to two ports, and to a block and a role everywhere. */
function addPolicy(model: PolicyModel, index: number): void {
  const policy: NetworkPolicy = {
    metadata: { namespace: place(index), name: `n${index}` },
    spec: {
      podSelector: { matchLabels: { app: `a${index}` } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        {
          from: [
            { podSelector: { matchLabels: { role: `r${index % 10}` } } },
            { podSelector: { matchLabels: { app: `a${(index + namespaces) % count}` } } },
            { namespaceSelector: { matchLabels: { tier: `${index % 4}` } } },
          ],
          ports: [{ port: 'http' }, { port: 9000, endPort: 9100 }],
        },
      ],
      egress: [
        { to: [{ ipBlock: { cidr: '10.0.0.0/8', except: [`10.${index % 250}.0.0/16`] } }] },
        { to: [{ namespaceSelector: {}, podSelector: { matchLabels: { role: 'r3' } } }] },
      ],
    },
  };
  model.setPolicy(`${place(index)}/n${index}`, compilePolicy(policy));
}

function middle(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
  const began = systemClock.monotonic();
  const value = await work();
  return { value, ms: systemClock.monotonic() - began };
}
