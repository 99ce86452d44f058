import { dnsSubdomain } from '../../apimachinery/names.ts';
import { invalid, notSupported, required, type FieldError } from '../../apimachinery/validation.ts';
import { auditLevels, auditStages, type AuditPolicy, type AuditRule, type AuditStage } from './policy.ts';

/** What Kubernetes says of a policy, in its order. */
export function validateAuditPolicy({ rules = [], omitStages }: AuditPolicy): FieldError[] {
  const errors = [
    ...stageErrors(omitStages, 'omitStages'),
    ...rules.flatMap((rule, at) => ruleErrors(rule, `rules[${at}]`)),
  ];
  if (errors.length > 0 || rules.length > 0) return errors;
  return [required('rules', 'loaded illegal policy with 0 rules')];
}

function ruleErrors(rule: AuditRule, field: string): FieldError[] {
  const { level, nonResourceURLs = [], resources = [], namespaces = [], omitStages } = rule;
  const errors: FieldError[] = [];
  if (!level) errors.push(required(`${field}.level`));
  else if (!auditLevels.includes(level)) errors.push(notSupported(`${field}.level`, level, auditLevels));
  errors.push(...nonResourceURLs.flatMap((url, at) => urlErrors(url, `${field}.nonResourceURLs[${at}]`)));
  for (const { group = '', resources: words = [], resourceNames = [] } of resources) {
    const problems = group === '' || group === '*' ? [] : dnsSubdomain(group);
    if (problems.length > 0) errors.push(invalid(`${field}.resources.group`, group, problems.join(',')));
    if (resourceNames.length > 0 && words.length === 0)
      errors.push(
        invalid(
          `${field}.resources.resourceNames`,
          resourceNames,
          'using resourceNames requires at least one resource',
        ),
      );
  }
  errors.push(...stageErrors(omitStages, `${field}.omitStages`));
  if (nonResourceURLs.length > 0 && (resources.length > 0 || namespaces.length > 0))
    errors.push(
      invalid(
        `${field}.nonResourceURLs`,
        nonResourceURLs,
        'rules cannot apply to both regular resources and non-resource URLs',
      ),
    );
  return errors;
}

function urlErrors(url: string, field: string): FieldError[] {
  if (url === '*') return [];
  const errors: FieldError[] = [];
  if (!url.startsWith('/')) errors.push(invalid(field, url, "non-resource URL rules must begin with a '/' character"));
  if (url.slice(0, -1).includes('*'))
    errors.push(invalid(field, url, "non-resource URL wildcards '*' must be the final character of the rule"));
  return errors;
}

function stageErrors(stages: readonly AuditStage[] = [], field: string): FieldError[] {
  return stages.flatMap((stage, at) =>
    auditStages.includes(stage)
      ? []
      : [invalid(`${field}[${at}]`, stage, `allowed stages are ${auditStages.join(',')}`)],
  );
}
