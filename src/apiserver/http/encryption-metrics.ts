import { transformationBounds, type TransformationTallies } from '../encryption/tallies.ts';
import { headOf, histogramOf, labelsText, lineOf, type Counted } from './exposition.ts';

const total = 'apiserver_storage_transformation_operations_total';
const duration = 'apiserver_storage_transformation_duration_seconds';

/** What `/metrics` shows of encryption in the store. */
export function encryptionMetrics(tallies: TransformationTallies): string {
  const counts: string[] = [];
  /** Of all resources together. */
  const times = new Map<string, Counted>();
  for (const { resource, direction, prefix, succeeded, failed, took, seconds } of tallies.all()) {
    const of = { transformation_type: direction, transformer_prefix: prefix };
    if (succeeded > 0) counts.push(lineOf(total, labelsText({ resource, status: 'OK', ...of }), succeeded));
    if (failed > 0) counts.push(lineOf(total, labelsText({ resource, status: 'unknown-non-grpc', ...of }), failed));
    const labels = labelsText(of);
    const before = times.get(labels) ?? { took: took.map(() => 0), seconds: 0 };
    times.set(labels, { took: took.map((count, at) => count + before.took[at]!), seconds: seconds + before.seconds });
  }
  return [
    headOf(total, 'counter', 'Values that were encrypted or decrypted'),
    ...counts,
    headOf(duration, 'histogram', 'Time that it took to encrypt or decrypt a value'),
    ...Array.from(times, ([labels, counted]) => histogramOf(duration, labels, transformationBounds, counted)),
  ].join('');
}
