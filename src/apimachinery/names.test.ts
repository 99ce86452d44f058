import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  configMapKey,
  dns1035Label,
  dnsLabel,
  dnsSubdomain,
  environmentVariableName,
  fieldManagerName,
  labelNames,
  labelValueText,
  pathSegment,
  percentText,
  portName,
  qualifiedName,
  subdomainNames,
  wildcardDnsSubdomain,
} from './names.ts';

const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const keyPart =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

for (const { rule, value, complaints } of [
  { rule: dnsLabel, value: 'web-1', complaints: [] },
  { rule: dnsLabel, value: 'Bad', complaints: [label] },
  { rule: dnsLabel, value: 'a.b', complaints: ['must not contain dots'] },
  { rule: dnsLabel, value: 'a'.repeat(64), complaints: ['must be no more than 63 characters'] },
  { rule: dnsLabel, value: '', complaints: [label] },
  { rule: dnsSubdomain, value: 'a.b-c.1', complaints: [] },
  { rule: dnsSubdomain, value: 'a.', complaints: [subdomain] },
  { rule: dnsSubdomain, value: 'a'.repeat(254), complaints: ['must be no more than 253 characters'] },
  { rule: qualifiedName, value: 'Example_1', complaints: [] },
  { rule: qualifiedName, value: 'example.com/a.B', complaints: [] },
  { rule: qualifiedName, value: 'A_/b', complaints: [`prefix part ${subdomain}`] },
  { rule: qualifiedName, value: '/b', complaints: ['prefix part must be non-empty'] },
  { rule: qualifiedName, value: 'a.b/', complaints: ['name part must be non-empty', `name part ${keyPart}`] },
  {
    rule: qualifiedName,
    value: 'a/b/c',
    complaints: [
      `a valid label key ${keyPart} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ],
  },
  { rule: qualifiedName, value: 'n'.repeat(64), complaints: ['name part must be no more than 63 bytes'] },
  { rule: labelValueText, value: '', complaints: [] },
  { rule: labelValueText, value: 'b'.repeat(64), complaints: ['must be no more than 63 bytes'] },
  { rule: portName, value: 'http-1', complaints: [] },
  {
    rule: portName,
    value: '-1--_',
    complaints: [
      'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
      'must contain at least one letter (a-z)',
      'must not contain consecutive hyphens',
      'must not begin or end with a hyphen',
    ],
  },
  { rule: pathSegment, value: 'a%b/', complaints: ["may not contain '/'", "may not contain '%'"] },
  { rule: pathSegment, value: '..', complaints: ["may not be '..'"] },
  { rule: wildcardDnsSubdomain, value: '*.example.com', complaints: [] },
  { rule: percentText, value: '25%', complaints: [] },
  { rule: configMapKey, value: '..x', complaints: ["must not start with '..'"] },
  { rule: environmentVariableName, value: 'my var!', complaints: [] },
  {
    rule: environmentVariableName,
    value: 'a=b',
    complaints: ["a valid environment variable name must consist only of printable ASCII characters other than '='"],
  },
  { rule: fieldManagerName, value: 'kubectl', complaints: [] },
  { rule: fieldManagerName, value: 'é\u0001', complaints: ['invalid character U+0001 (at position 2)'] },
])
  test(`${rule.name} of ${JSON.stringify(value.slice(0, 20))}: ${complaints.length} complaints`, () =>
    assert.deepEqual(rule(value), complaints));

test('a generated name may begin with a stem that ends with a dash', () => {
  assert.deepEqual(subdomainNames('web-', true), []);
  assert.deepEqual(subdomainNames('web-', false), [subdomain]);
  assert.deepEqual(labelNames('a.', true).length, 1);
  assert.match(dns1035Label('1a')[0]!, /^a DNS-1035 label must/);
});
