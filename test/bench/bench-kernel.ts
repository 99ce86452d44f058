import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../src/base/node/command.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { inside, removeNamespace } from '../../src/local/network.ts';
import { openKernel, type Kernel } from '../../src/proxy/kernel.ts';
import { guard } from '../kit/guard.ts';
import { percentiles } from './load.ts';

/** The packet filter of a network namespace that nothing else uses; gone when disposed. */
export async function openBenchKernel(): Promise<{ readonly kernel: Kernel } & AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  const folder = mkdtempSync('/run/kl-bench-');
  const namespace = join(folder, 'network');
  opened.use(guard({ folder, namespaces: [namespace] }));
  opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(namespace, '');
  await run('unshare', [`--net=${namespace}`, 'true']);
  opened.defer(() => removeNamespace(namespace));
  const kernel = opened.use(openKernel((program, args) => inside({ namespace }, program, args)));
  const all = opened.move();
  return { kernel, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** Commands that make a table with one map of so many elements: the least that anybody has to ask of nft. */
export function bareMap(table: string, elements: number): string {
  const all = Array.from({ length: elements }, (_, index) => element(index)).join(', ');
  return [
    `table ip ${table} {`,
    'map m { type ipv4_addr . inet_service : ipv4_addr . inet_service',
    `elements = { ${all} } }`,
    '}',
    '',
  ].join('\n');
}

/** Commands that add the element `index` to that map. */
export function addBareElement(table: string, index: number): string {
  return `add element ip ${table} m { ${element(index)} }\n`;
}

/** What nft takes to add an element to a small map, in milliseconds: the middle of so many times. */
export async function oneElement(kernel: Kernel, times: number): Promise<number> {
  await kernel.transact(bareMap('floor', 1));
  const delays: number[] = [];
  for (let time = 1; time <= times; time++) {
    const began = systemClock.monotonic();
    await kernel.transact(addBareElement('floor', time));
    delays.push(systemClock.monotonic() - began);
  }
  return percentiles(delays).p50;
}

function element(index: number): string {
  return `10.${index >> 16}.${(index >> 8) & 255}.${index & 255} . 80 : 10.1.1.1 . 8080`;
}
