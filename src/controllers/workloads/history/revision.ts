import type { ControllerRevision } from '../../../api/apps/v1/types.ts';
import type { PodTemplateSpec } from '../../../api/core/v1/types.ts';
import { equalJson } from '../../../reconciler/equal-json.ts';
import { canonicalJson } from '../short-hash.ts';

export type Revision = Readonly<ControllerRevision>;

/** What a revision keeps of a set: a strategic merge patch that puts the template back, as `kubectl rollout undo` does. */
export type TemplatePatch = { readonly spec: { readonly template: PodTemplateSpec } };

/** With sorted fields: kubectl compares the text to tell whether there is anything to undo. */
export function templatePatch(template: PodTemplateSpec): TemplatePatch {
  return JSON.parse(canonicalJson({ spec: { template: { ...template, $patch: 'replace' } } })) as TemplatePatch;
}

/** The template that the revision puts back; `undefined` if somebody made a revision of something else. */
export function templateOf({ data }: Revision): PodTemplateSpec | undefined {
  const template = (data as Partial<TemplatePatch> | undefined)?.spec?.template as
    | (PodTemplateSpec & { $patch?: string })
    | undefined;
  if (template === undefined) return undefined;
  const { $patch: _patch, ...kept } = template;
  return kept;
}

export function holds({ data }: Revision, patch: TemplatePatch): boolean {
  return equalJson(data, patch);
}

/** Of equal numbers the older one comes first. */
export function inOrder(revisions: readonly Revision[]): Revision[] {
  return revisions.toSorted(
    (a, b) =>
      numberOf(a) - numberOf(b) ||
      (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '') ||
      (a.metadata.name < b.metadata.name ? -1 : 1),
  );
}

function numberOf({ revision = 0 }: Revision): number {
  return revision;
}

export type RevisionPlan =
  | { readonly kind: 'keep'; readonly revision: Revision }
  /** An earlier template is back: its revision becomes the newest. */
  | { readonly kind: 'renumber'; readonly revision: Revision; readonly number: number }
  | { readonly kind: 'create'; readonly number: number };

/** How the revision of the present template comes to have the highest number; `revisions` are in order. */
export function planRevision(revisions: readonly Revision[], patch: TemplatePatch): RevisionPlan {
  const same = revisions.findLast((one) => holds(one, patch));
  const highest = revisions.reduce((most, one) => (holds(one, patch) ? most : Math.max(most, numberOf(one))), 0);
  if (same === undefined) return { kind: 'create', number: highest + 1 };
  return numberOf(same) > highest
    ? { kind: 'keep', revision: same }
    : { kind: 'renumber', revision: same, number: highest + 1 };
}
