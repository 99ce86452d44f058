import { byteLength, goCodePoint, isPrintable } from './go-text.ts';

/**
 * What names, keys and values must look like. Each rule answers the complaints about a value, none when it is good;
 * the texts are Kubernetes' own. Sources: API concepts "Object Names and IDs", "Labels and Selectors"; RFC 1123, RFC 1035.
 */

/** A rule for `metadata.name` (`prefix` false) and `metadata.generateName` (`prefix` true). */
export type ObjectNameRule = (name: string, prefix: boolean) => string[];

const label1123 = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomain1123 = `${label1123}(\\.${label1123})*`;
const underscoreLabel = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const underscoreSubdomain = `${underscoreLabel}(\\.${underscoreLabel})*`;
const label1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const wildcardSubdomain = `\\*\\.${subdomain1123}`;
const qualifiedPart = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const labelValue = `(${qualifiedPart})?`;
const percent = '[0-9]+%';
const headerName = '[-A-Za-z0-9]+';
const configKey = '[-._a-zA-Z0-9]+';

const whole = (pattern: string) => new RegExp(`^(?:${pattern})$`);
const label1123Expression = whole(label1123);
const subdomain1123Expression = whole(subdomain1123);
const underscoreSubdomainExpression = whole(underscoreSubdomain);
const label1035Expression = whole(label1035);
const wildcardExpression = whole(wildcardSubdomain);
const qualifiedPartExpression = whole(qualifiedPart);
const labelValueExpression = whole(labelValue);
const percentExpression = whole(percent);
const headerNameExpression = whole(headerName);
const configKeyExpression = whole(configKey);

const label1123Rule =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const subdomain1123Rule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const underscoreSubdomainRule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character";
const label1035Rule =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
const wildcardRule =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";
const qualifiedPartRule =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const labelValueRule =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

/** `rule (e.g. 'a',  or 'b', regex used for validation is '…')`; the two blanks are Kubernetes'. */
export function patternComplaint(rule: string, pattern: string, ...examples: readonly string[]): string {
  if (examples.length === 0) return `${rule} (regex used for validation is '${pattern}')`;
  const shown = examples.map((one) => `'${one}', `).join(' or ');
  return `${rule} (e.g. ${shown}regex used for validation is '${pattern}')`;
}

function lengthComplaint(maximum: number): string {
  return `must be no more than ${maximum} characters`;
}

export function rangeComplaint(from: number, to: number): string {
  return `must be between ${from} and ${to}, inclusive`;
}

/** A DNS label: names of Services, Namespaces, containers. */
export function dnsLabel(value: string): string[] {
  const complaints = tooLong(value, 63);
  if (label1123Expression.test(value)) return complaints;
  if (subdomain1123Expression.test(value)) complaints.push('must not contain dots');
  else complaints.push(patternComplaint(label1123Rule, label1123, 'my-name', '123-abc'));
  return complaints;
}

/** A DNS subdomain: names of most objects. */
export function dnsSubdomain(value: string): string[] {
  const complaints = tooLong(value, 253);
  if (!subdomain1123Expression.test(value))
    complaints.push(patternComplaint(subdomain1123Rule, subdomain1123, 'example.com'));
  return complaints;
}

/** A DNS subdomain whose labels may hold underscores: DNS search domains of pods. */
export function dnsSubdomainWithUnderscore(value: string): string[] {
  const complaints = tooLong(value, 253);
  if (!underscoreSubdomainExpression.test(value))
    complaints.push(patternComplaint(underscoreSubdomainRule, underscoreSubdomain, 'example.com'));
  return complaints;
}

/** A DNS label that starts with a letter. */
export function dns1035Label(value: string): string[] {
  const complaints = tooLong(value, 63);
  if (!label1035Expression.test(value))
    complaints.push(patternComplaint(label1035Rule, label1035, 'my-name', 'abc-123'));
  return complaints;
}

/** `*.example.com`: hosts of Ingress rules. */
export function wildcardDnsSubdomain(value: string): string[] {
  const complaints = tooLong(value, 253);
  if (!wildcardExpression.test(value))
    complaints.push(patternComplaint(wildcardRule, wildcardSubdomain, '*.example.com'));
  return complaints;
}

/** `name`, or `example.com/name`: keys of labels, annotations (in lower case), finalizers, resources. */
export function qualifiedName(value: string): string[] {
  // Most have no prefix; the form holds ASCII only.
  if (value.length <= 63 && qualifiedPartExpression.test(value)) return [];
  const parts = value.split('/');
  const complaints: string[] = [];
  let name = value;
  if (parts.length === 2) {
    name = parts[1]!;
    if (parts[0] === '') complaints.push('prefix part must be non-empty');
    else for (const complaint of dnsSubdomain(parts[0]!)) complaints.push(`prefix part ${complaint}`);
  } else if (parts.length > 2) {
    const rule = patternComplaint(qualifiedPartRule, qualifiedPart, 'MyName', 'my.name', '123-abc');
    return [`a valid label key ${rule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  if (name === '') complaints.push('name part must be non-empty');
  else if (byteLength(name) > 63) complaints.push('name part must be no more than 63 bytes');
  if (!qualifiedPartExpression.test(name))
    complaints.push(`name part ${patternComplaint(qualifiedPartRule, qualifiedPart, 'MyName', 'my.name', '123-abc')}`);
  return complaints;
}

/** Values of labels. */
export function labelValueText(value: string): string[] {
  if (value.length <= 63 && labelValueExpression.test(value)) return [];
  const complaints: string[] = [];
  if (byteLength(value) > 63) complaints.push('must be no more than 63 bytes');
  if (!labelValueExpression.test(value))
    complaints.push(patternComplaint(labelValueRule, labelValue, 'MyValue', 'my_value', '12345'));
  return complaints;
}

/** A name that is one segment of a URL path: roles and bindings. */
export function pathSegment(name: string, prefix = false): string[] {
  if (!prefix && (name === '.' || name === '..')) return [`may not be '${name}'`];
  return ['/', '%'].filter((char) => name.includes(char)).map((char) => `may not contain '${char}'`);
}

export function portName(value: string): string[] {
  const complaints = tooLong(value, 15);
  if (!/^[-a-z0-9]+$/.test(value))
    complaints.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(value)) complaints.push('must contain at least one letter (a-z)');
  if (value.includes('--')) complaints.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) complaints.push('must not begin or end with a hyphen');
  return complaints;
}

/** User and group ids of Linux. */
export function userId(value: number): string[] {
  return value >= 0 && value <= 2147483647 ? [] : [rangeComplaint(0, 2147483647)];
}

export function percentText(value: string): string[] {
  if (percentExpression.test(value)) return [];
  const rule = "a valid percent string must be a numeric string followed by an ending '%'";
  return [patternComplaint(rule, percent, '1%', '93%')];
}

export function httpHeaderName(value: string): string[] {
  if (headerNameExpression.test(value)) return [];
  const rule = "a valid HTTP header must consist of alphanumeric characters or '-'";
  return [patternComplaint(rule, headerName, 'X-Header-Name')];
}

/** Names of variables as pods may set them by name: any printable ASCII but `=`. */
export function environmentVariableName(value: string): string[] {
  if (value === '') return ['environment variable name must be non-empty'];
  if (/^[\x20-\x3c\x3e-\x7e]*$/.test(value)) return [];
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

/** Keys of ConfigMaps and Secrets: they become file names. */
export function configMapKey(value: string): string[] {
  const complaints = tooLong(value, 253);
  if (!configKeyExpression.test(value)) {
    const rule = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
    complaints.push(patternComplaint(rule, configKey, 'key.name', 'KEY_NAME', 'key-name'));
  }
  return [...complaints, ...upwards(value)];
}

/** Complaints about a `fieldManager`, without its length (that is a `Too long` error of its own). */
export function fieldManagerName(value: string): string[] {
  const complaints: string[] = [];
  let position = 0;
  for (const char of value) {
    if (!isPrintable(char)) complaints.push(`invalid character ${goCodePoint(char)} (at position ${position})`);
    position += byteLength(char);
  }
  return complaints;
}

/** Names of most kinds. */
export const subdomainNames: ObjectNameRule = (name, prefix) => dnsSubdomain(prefix ? stem(name) : name);
/** Names of Services, Namespaces and others that become one DNS label. */
export const labelNames: ObjectNameRule = (name, prefix) => dnsLabel(prefix ? stem(name) : name);
/** Names of RBAC kinds: anything that fits into a URL. */
export const pathSegmentNames: ObjectNameRule = (name, prefix) => pathSegment(name, prefix);

/** A `generateName` may end with a dash, because letters follow. */
function stem(prefix: string): string {
  return prefix.length > 1 && prefix.endsWith('-') ? `${prefix.slice(0, -2)}a` : prefix;
}

function tooLong(value: string, maximum: number): string[] {
  return byteLength(value) > maximum ? [lengthComplaint(maximum)] : [];
}

function upwards(value: string): string[] {
  if (value === '.') return ["must not be '.'"];
  if (value === '..') return ["must not be '..'"];
  return value.startsWith('..') ? ["must not start with '..'"] : [];
}
