import type { PolicyRule } from '../../api/rbac/v1/types.ts';
import { holds, pathCovered } from './rbac-rules.ts';

type Rule = Readonly<PolicyRule>;

/** The parts of `wanted` that no rule of `held` covers, each with one verb on one resource, name or path. */
export function uncovered(held: readonly Rule[], wanted: readonly Rule[]): PolicyRule[] {
  const lacking: PolicyRule[] = [];
  let left = mostParts;
  for (const rule of wanted) {
    if (held.some((one) => coversWhole(one, rule))) continue;
    left -= countOfParts(rule);
    if (left < 0) lacking.push(rule);
    else for (const part of parts(rule)) if (!held.some((one) => covers(one, part))) lacking.push(part);
  }
  return lacking;
}

/** The parts are a product: a few thousand words make billions. Rules beyond this must be held as they are. */
const mostParts = 20_000;

function countOfParts({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: Rule): number {
  const ofResources = (apiGroups?.length ?? 0) * (resources?.length ?? 0) * (resourceNames?.length || 1);
  return (verbs?.length ?? 0) * (ofResources + (nonResourceURLs?.length ?? 0));
}

/** Whether one rule allows all that another one does. */
function coversWhole(held: Rule, { verbs, apiGroups, resources, resourceNames, nonResourceURLs }: Rule): boolean {
  if (!verbs?.every((verb) => holds(held.verbs, verb))) return false;
  if (nonResourceURLs?.some((url) => !pathCovered(held.nonResourceURLs, url))) return false;
  if (!resources?.length || !apiGroups?.length) return true;
  return (
    apiGroups.every((group) => holds(held.apiGroups, group)) &&
    resources.every((resource) => resourceCovered(held.resources ?? [], resource)) &&
    namesCovered(held.resourceNames, resourceNames)
  );
}

function namesCovered(held: readonly string[] = [], wanted: readonly string[] = []): boolean {
  if (held.length === 0) return true;
  const names = new Set(held);
  return wanted.length > 0 && wanted.every((name) => names.has(name));
}

/** Rights as refusals show them: parts that differ in their verbs only are one, in a fixed order. */
export function rulesText(rules: readonly Rule[]): string {
  const merged = new Map<string, { readonly rule: Rule; readonly verbs: Set<string> }>();
  for (const rule of rules) {
    const key = JSON.stringify([rule.apiGroups, rule.resources, rule.resourceNames, rule.nonResourceURLs]);
    const same = merged.get(key);
    if (same === undefined) merged.set(key, { rule, verbs: new Set(rule.verbs) });
    else for (const verb of rule.verbs) same.verbs.add(verb);
  }
  return Array.from(merged.values(), ({ rule, verbs }) => ruleText({ ...rule, verbs: [...verbs] }))
    .sort()
    .join('\n');
}

function ruleText({ apiGroups, resources, resourceNames, nonResourceURLs, verbs }: Rule): string {
  const parts = [
    ['APIGroups', apiGroups],
    ['Resources', resources],
    ['NonResourceURLs', nonResourceURLs],
    ['ResourceNames', resourceNames],
    ['Verbs', verbs],
  ] as const;
  const shown = parts.flatMap(([name, values]) => (values?.length ? [`${name}:${quotedList(values)}`] : []));
  return `{${shown.join(', ')}}`;
}

/** `["a" "b"]`. */
export function quotedList(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(' ')}]`;
}

function parts(rule: Rule): PolicyRule[] {
  const found: PolicyRule[] = [];
  for (const verb of rule.verbs ?? []) {
    for (const group of rule.apiGroups ?? [])
      for (const resource of rule.resources ?? [])
        for (const name of rule.resourceNames?.length ? rule.resourceNames : [undefined])
          found.push({
            apiGroups: [group],
            resources: [resource],
            ...(name !== undefined && { resourceNames: [name] }),
            verbs: [verb],
          });
    for (const url of rule.nonResourceURLs ?? []) found.push({ nonResourceURLs: [url], verbs: [verb] });
  }
  return found;
}

function covers(held: Rule, part: Rule): boolean {
  if (!holds(held.verbs, part.verbs[0]!)) return false;
  // A held prefix covers every path and every narrower prefix below it.
  if (part.nonResourceURLs !== undefined) return pathCovered(held.nonResourceURLs, part.nonResourceURLs[0]!);
  return (
    holds(held.apiGroups, part.apiGroups![0]!) &&
    resourceCovered(held.resources ?? [], part.resources![0]!) &&
    (!held.resourceNames?.length ||
      (part.resourceNames !== undefined && held.resourceNames.includes(part.resourceNames[0]!)))
  );
}

function resourceCovered(held: readonly string[], resource: string): boolean {
  const [, subresource] = resource.split('/');
  return holds(held, resource) || (subresource !== undefined && held.includes(`*/${subresource}`));
}
