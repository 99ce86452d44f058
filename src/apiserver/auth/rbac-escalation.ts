import type { PolicyRule } from '../../api/rbac/v1/types.ts';
import { holds, pathCovered } from './rbac-rules.ts';

type Rule = Readonly<PolicyRule>;

/** The parts of `wanted` that no rule of `held` covers, each with one verb on one resource, name or path. */
export function uncovered(held: readonly Rule[], wanted: readonly Rule[]): PolicyRule[] {
  return wanted.flatMap(parts).filter((part) => !held.some((rule) => covers(rule, part)));
}

/** Rights as refusals show them: parts that differ in their verbs only are one, in a fixed order. */
export function rulesText(rules: readonly Rule[]): string {
  const merged = new Map<string, PolicyRule>();
  for (const rule of rules) {
    const key = JSON.stringify([rule.apiGroups, rule.resources, rule.resourceNames, rule.nonResourceURLs]);
    const same = merged.get(key);
    if (same === undefined) merged.set(key, { ...rule, verbs: [...rule.verbs] });
    else same.verbs.push(...rule.verbs.filter((verb) => !same.verbs.includes(verb)));
  }
  return [...merged.values()].map(ruleText).sort().join('\n');
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
