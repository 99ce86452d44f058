import { CustomResourceDefinitions, type CustomResourceDefinition } from '../../../src/api/apiextensions/v1/types.ts';
import { systemClock } from '../../../src/base/system-clock.ts';
import { RawClient } from '../raw-client.ts';
import type { Row } from '../rows.ts';
import { path, pod } from '../subject.ts';
import { definition, established, largeSpec, usualSpec } from './definitions.ts';
import { createMany, type Subject } from './subject.ts';

const kib = 1024;

/** What each definition costs, and whether the last ones cost more than the first; and what all cost in memory. */
export async function definitionRows({ server }: Subject, count = 1000): Promise<Row[]> {
  const before = server.residentMib();
  const share = count / 10;
  const costs: number[] = [];
  const began = systemClock.monotonic();
  for (let at = 0; at < count;) {
    const cpu = server.cpuMs();
    for (const end = at + share; at < end; at++)
      await server.client.create(
        CustomResourceDefinitions,
        definition(`things${at}`, usualSpec, `g${at % 50}.example.com`),
      );
    costs.push((server.cpuMs() - cpu) / share);
  }
  const seconds = (systemClock.monotonic() - began) / 1000;
  await established(server);
  // The first tenth is seen by the compiler first.
  const [, floor] = costs;
  return [
    {
      name: `CPU of a definition, the last tenth of ${count}`,
      value: costs.at(-1)!,
      unit: 'ms',
      floor: floor!,
      floorName: 'the second tenth',
      more: `all in ${seconds.toFixed(0)} s`,
    },
    {
      name: `resident memory more by ${count} definitions`,
      value: server.residentMib() - before,
      unit: 'MiB',
      floor: before,
      floorName: 'the server before',
    },
  ];
}

/** Definitions as large projects publish them, from 32 KiB to nearly 1 MiB, deep and with hundreds of rules, applied. */
export async function largeDefinitionRows({ server, token }: Subject, count = 200): Promise<Row[]> {
  const sizes = [32, 64, 128, 256, 512, 960];
  const texts = Array.from({ length: count }, (_, at) =>
    JSON.stringify(large(`large${at}`, sizes[at % sizes.length]! * kib)),
  );
  const floor = cpuOf(() => texts.forEach((text) => JSON.stringify(JSON.parse(text))));
  const before = server.residentMib();
  const cpu = server.cpuMs();
  using raw = await RawClient.open(server.url, server.identity.ca, token);
  for (const [at, text] of texts.entries()) {
    const name = `large${at}.bench.example.com`;
    const target = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}?fieldManager=bench`;
    await raw.request('PATCH', target, 'application/apply-patch+yaml', text);
  }
  await established(server);
  const bytes = texts.reduce((sum, text) => sum + text.length, 0);
  const rules = texts.reduce((sum, text) => sum + text.split('"rule"').length - 1, 0);
  return [
    {
      name: `CPU of a definition, ${count} large ones applied`,
      value: (server.cpuMs() - cpu) / count,
      unit: 'ms',
      floor: floor / count,
      floorName: 'their JSON read and written',
      more: `${(bytes / 1e6).toFixed(0)} MB, ${rules} rules`,
    },
    {
      name: `highest memory more by ${count} large definitions`,
      value: server.highestMib() - before,
      unit: 'MiB',
      floor: bytes / kib / kib,
      floorName: 'their JSON',
    },
  ];
}

function large(plural: string, bytes: number): object {
  const made: CustomResourceDefinition = definition(plural, largeSpec(bytes));
  return { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', ...made };
}

function cpuOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Memory with so many pods, beside the JSON that clients see of them. */
export async function objectRow(subject: Subject, count = 100_000): Promise<Row> {
  const { server } = subject;
  const before = server.residentMib();
  for (let left = count; left > 0; left -= 10_000)
    await createMany(subject, { path, body: pod({ generateName: 'bench-' }) }, Math.min(left, 10_000));
  const one = (await server.transport.text(`${path}?limit=100`)).length / 100;
  return {
    name: `resident memory more by ${count} pods`,
    value: server.residentMib() - before,
    unit: 'MiB',
    floor: (one * count) / kib / kib,
    floorName: 'their JSON',
  };
}
