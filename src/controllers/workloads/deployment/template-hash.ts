import type { PodTemplateSpec } from '../../../api/core/v1/types.ts';
import { equalJson } from '../../../reconciler/equal-json.ts';

export const templateHashLabel = 'pod-template-hash';

/** Letters and digits that spell no word and look like no other. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * A short name for a template: equal templates, in whatever order their fields come, have equal hashes.
 * `collisions` leads to another hash when two templates share one.
 */
export function templateHash(template: Readonly<PodTemplateSpec>, collisions = 0): string {
  const digits = String(fnv1a(`${canonicalJson(withoutHash(template))}${collisions === 0 ? '' : collisions}`));
  return [...digits].map((digit) => alphabet[(Number(digit) * 7 + 3) % alphabet.length]).join('');
}

/** Whether two templates ask for the same pods; the hash label that a replica set carries does not count. */
export function equalTemplates(a: Readonly<PodTemplateSpec>, b: Readonly<PodTemplateSpec>): boolean {
  return equalJson(withoutHash(a), withoutHash(b));
}

function withoutHash(template: Readonly<PodTemplateSpec>): PodTemplateSpec {
  const { [templateHashLabel]: _hash, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

/** JSON with sorted fields, without those that are not set. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** FNV-1a, 32 bits, over UTF-16 code units. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
