import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldErrorText } from '../../apimachinery/validation.ts';
import type { AuditPolicy, AuditRule } from './policy.ts';
import { validateAuditPolicy } from './validate-policy.ts';

const one = (rule: object): AuditPolicy => ({ rules: [{ level: 'Metadata', ...rule } as AuditRule] });
const urls = (...nonResourceURLs: string[]) => one({ nonResourceURLs });

const rows: readonly [what: string, policy: AuditPolicy, ...errors: string[]][] = [
  [
    'rules of both sorts',
    { rules: [one({ resources: [{ group: 'apps' }] }).rules[0]!, urls('/livez', '*').rules[0]!] },
  ],
  ['no rules', { rules: [] }, 'rules: Required value: loaded illegal policy with 0 rules'],
  ['no level', one({ level: '' }), 'rules[0].level: Required value'],
  [
    'another level',
    one({ level: 'All' }),
    'rules[0].level: Unsupported value: "All": supported values: "None", "Metadata", "Request", "RequestResponse"',
  ],
  [
    'paths that are none',
    urls('livez', '/a*b'),
    `rules[0].nonResourceURLs[0]: Invalid value: "livez": non-resource URL rules must begin with a '/' character`,
    `rules[0].nonResourceURLs[1]: Invalid value: "/a*b": non-resource URL wildcards '*' must be the final character of the rule`,
  ],
  [
    'a version for a group, and names of nothing',
    one({ resources: [{ group: 'apps/v1', resourceNames: ['a'] }] }),
    `rules[0].resources.group: Invalid value: "apps/v1": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
    'rules[0].resources.resourceNames: Invalid value: ["a"]: using resourceNames requires at least one resource',
  ],
  [
    'paths and resources at once',
    one({ nonResourceURLs: ['/livez'], namespaces: ['a'] }),
    'rules[0].nonResourceURLs: Invalid value: ["/livez"]: rules cannot apply to both regular resources and non-resource URLs',
  ],
  [
    'stages that are none',
    { ...one({ omitStages: ['End'] }), omitStages: ['Begin' as 'Panic'] },
    'omitStages[0]: Invalid value: "Begin": allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic',
    'rules[0].omitStages[0]: Invalid value: "End": allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic',
  ],
];

for (const [what, policy, ...errors] of rows)
  test(`a policy with ${what} is ${errors.length === 0 ? 'taken' : 'refused'}`, () => {
    assert.deepEqual(validateAuditPolicy(policy).map(fieldErrorText), errors);
  });
