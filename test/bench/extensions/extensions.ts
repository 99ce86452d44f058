import type { Row } from '../rows.ts';
import { definitionRows, largeDefinitionRows, objectRow } from './sizes.ts';
import { startSubject, type Subject } from './subject.ts';
import { policyRow, ruleRow, webhookRow } from './writes.ts';

/**
 * What extensions of the API cost, each on a server of its own: CPU of the server, which a busy machine disturbs less than
 * rates, and memory. `say` is told what is going on.
 */
export async function extensionRows(say: (text: string) => void): Promise<Row[]> {
  const rows: Row[] = [];
  const measure = async (name: string, rowsOf: (subject: Subject) => Promise<Row | readonly Row[]>): Promise<void> => {
    say(name);
    await using subject = await startSubject();
    rows.push(...[await rowsOf(subject)].flat());
  };
  await measure('rules of custom resources', ruleRow);
  await measure('a policy', policyRow);
  await measure('a webhook', webhookRow);
  await measure('definitions', definitionRows);
  await measure('large definitions', largeDefinitionRows);
  await measure('objects', objectRow);
  return rows;
}
