import type { Service } from '../../src/api/core/v1/types.ts';
import type { EndpointSlice } from '../../src/api/discovery/v1/types.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { RuleModel } from '../../src/proxy/rule-model.ts';
import { RuleWriter } from '../../src/proxy/rule-writer.ts';
import { serviceTable } from '../../src/proxy/service-table.ts';
import { planService } from '../../src/proxy/service-plan.ts';
import { addBareElement, bareMap, openBenchKernel } from './bench-kernel.ts';
import type { Row } from './rows.ts';

const count = 10_000;
const changes = 20;
const view = { name: 'one', addresses: ['172.29.99.2'], podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16' };

/** Packet rules of many Services, and of one more, in a network namespace of their own. */
export async function serviceRows(say: (text: string) => void): Promise<Row[]> {
  await using opened = await openBenchKernel();
  const { kernel } = opened;
  say(`${count} Services`);
  const model = new RuleModel();
  const writer = new RuleWriter(kernel, serviceTable(view));
  const whole = await timed(async () => {
    for (let index = 0; index < count; index++) place(model, index);
    return await writer.write(model);
  });
  const bareWhole = await timed(() => kernel.transact(bareMap('whole', whole.value.added)));
  say('one more');
  const single: number[] = [];
  const bareSingle: number[] = [];
  await kernel.transact(bareMap('small', 1));
  for (let change = 0; change < changes; change++) {
    place(model, count + change);
    single.push((await timed(() => writer.write(model))).ms);
    bareSingle.push((await timed(() => kernel.transact(addBareElement('small', 1 + change)))).ms);
  }
  return [
    {
      name: `rules of ${count} Services of two endpoints, planned and loaded`,
      value: whole.ms,
      unit: 'ms',
      floor: bareWhole.ms,
      floorName: 'nft with as many elements in one map',
      more: `${whole.value.added} elements`,
    },
    {
      name: `rules of one Service more among ${count}`,
      value: middle(single),
      unit: 'ms',
      floor: middle(bareSingle),
      floorName: 'nft with one element in a small map',
    },
  ];
}

function place(model: RuleModel, index: number): void {
  const name = `s${index}`;
  const octets = [index >> 8, index & 255];
  const service: Service = {
    metadata: { name, namespace: 'bench' },
    spec: {
      type: 'ClusterIP',
      clusterIP: `10.96.${octets.join('.')}`,
      ports: [{ port: 80, protocol: 'TCP', targetPort: 8080 }],
    },
  };
  const slice: EndpointSlice = {
    metadata: { name, namespace: 'bench', labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints: [0, 1].map((half) => ({
      addresses: [`10.244.${octets[0]! + half * 64}.${octets[1]}`],
      conditions: { ready: true, serving: true, terminating: false },
      nodeName: 'two',
    })),
  };
  model.set(`bench/${name}`, planService(service, [slice], view));
}

function middle(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
  const began = systemClock.monotonic();
  const value = await work();
  return { value, ms: systemClock.monotonic() - began };
}
