import type { DaemonSet } from '../../../api/apps/v1/types.ts';
import { goQuote } from '../../../apimachinery/go-text.ts';
import { refused } from '../../../apimachinery/status.ts';

/**
 * How often the template of a DaemonSet has changed, beginning with 1: a field in versions of the API that are gone, and
 * since then an annotation, which old clients still look at.
 */
export const templateGenerationAnnotation = 'deprecated.daemonset.template.generation';

/** The count that the object carries; throws BadRequest where it is no number of 64 bits. */
export function templateGeneration({ metadata }: Readonly<DaemonSet>): bigint {
  const text = metadata.annotations?.[templateGenerationAnnotation] ?? '0';
  const complaint = (problem: string): Error =>
    refused.badRequest(
      `DaemonSet in version "v1" cannot be handled as a DaemonSet: strconv.ParseInt: parsing ${goQuote(text)}: ${problem}`,
    );
  if (!/^[+-]?\d+$/.test(text)) throw complaint('invalid syntax');
  if (text.length > 300) throw complaint('value out of range');
  const count = BigInt(text.replace('+', ''));
  if (BigInt.asIntN(64, count) !== count) throw complaint('value out of range');
  return count;
}

/** Who says nothing owns the annotation all the same, as in Kubernetes. */
export function templateGenerationDefault(draft: DaemonSet): void {
  if (draft.metadata.annotations?.[templateGenerationAnnotation] === undefined) setTemplateGeneration(draft, 0n);
}

export function setTemplateGeneration(draft: DaemonSet, count: bigint): void {
  const { metadata } = draft;
  metadata.annotations = { ...metadata.annotations, [templateGenerationAnnotation]: String(count) };
}
