import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startServerProcess } from '../kit/server-process.ts';
import { apiRows } from './api.ts';
import { dnsRows } from './dns.ts';
import { endpointRow } from './endpoint-to-rule.ts';
import { extensionRows } from './extensions/extensions.ts';
import { ingressRows } from './ingress.ts';
import { networkPolicyRows } from './network-policies.ts';
import { podStart } from './pod-start.ts';
import { policyRow } from './policy-to-rule.ts';
import { serviceRows } from './services.ts';
import { ratioOf, table, type Row } from './rows.ts';
import { startUpRows } from './start-up.ts';

const baselineFile = join(import.meta.dirname, 'baseline.json');

const { values } = parseArgs({
  options: {
    /** Makes the ratios of this run the baseline. */
    write: { type: 'boolean', default: false },
    /** Starts pods too, in a cluster on this machine. */
    pods: { type: 'boolean', default: true },
    /** Measures what extensions of the API cost, and nothing else. */
    extensions: { type: 'boolean', default: false },
  },
  allowNegative: true,
});

// What was started goes with this process: see the handlers of its exit.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => process.exit(130));
const say = (text: string): void => void (process.stderr.isTTY && process.stderr.write(`${text} …\n`));

try {
  const rows: Row[] = [];
  if (!values.extensions) {
    {
      await using server = await startServerProcess();
      rows.push(...(await apiRows(server, say)));
    }
    rows.push(...(await dnsRows(say)));
    rows.push(...(await ingressRows(say)));
    rows.push(...(await serviceRows(say)), await endpointRow(say));
    rows.push(...(await networkPolicyRows(say)), await policyRow(say));
    if (values.pods) rows.push(...(await podStart(say)), ...(await startUpRows(say)));
  }
  rows.push(...(await extensionRows(say)));
  const baseline = JSON.parse(await readFile(baselineFile, 'utf8').catch(() => '{}')) as Record<string, number>;
  process.stdout.write(`${table(rows, baseline)}\n`);
  if (values.write) {
    const ratios = { ...baseline, ...Object.fromEntries(rows.map((row) => [row.name, ratioOf(row)])) };
    await writeFile(baselineFile, `${JSON.stringify(ratios, undefined, 2)}\n`);
  }
  process.exit(0);
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}
