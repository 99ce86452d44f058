import type { Row } from './rows.ts';

/** Time from a pod's POST to Running: needs a cluster on this machine. */
export async function podStart(_say: (text: string) => void): Promise<Row[]> {
  return [];
}
