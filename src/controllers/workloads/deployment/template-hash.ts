import type { PodTemplateSpec } from '../../../api/core/v1/types.ts';
import { equalJson } from '../../../reconciler/equal-json.ts';
import { shortHash } from '../short-hash.ts';

export const templateHashLabel = 'pod-template-hash';

/**
 * A short name for a template: equal templates, in whatever order their fields come, have equal hashes.
 * `collisions` leads to another hash when two templates share one.
 */
export function templateHash(template: Readonly<PodTemplateSpec>, collisions = 0): string {
  return shortHash(withoutHash(template), collisions);
}

/** Whether two templates ask for the same pods; the hash label that a replica set carries does not count. */
export function equalTemplates(a: Readonly<PodTemplateSpec>, b: Readonly<PodTemplateSpec>): boolean {
  return equalJson(withoutHash(a), withoutHash(b));
}

function withoutHash(template: Readonly<PodTemplateSpec>): PodTemplateSpec {
  const { [templateHashLabel]: _hash, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}
