import { dnsSubdomain, patternComplaint } from '../../apimachinery/names.ts';
import { invalid, required } from '../../apimachinery/validation.ts';
import { complain, type Errors } from './checks.ts';

const pathPattern = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";

/** A name below somebody's domain, such as `acme.io/foo`: controllers of classes, conditions, signers. */
export function checkDomainPath(errors: Errors, field: string, value: string): void {
  if (value === '') {
    errors.push(required(field));
    return;
  }
  const slash = value.indexOf('/');
  const [domain, path] = [value.slice(0, slash), value.slice(slash + 1)];
  if (slash <= 0 || path === '') {
    errors.push(invalid(field, value, 'must be a domain-prefixed path (such as "acme.io/foo")'));
    return;
  }
  complain(errors, field, domain, dnsSubdomain(domain));
  if (!new RegExp(`^${pathPattern}$`).test(path))
    errors.push(invalid(field, path, patternComplaint('Invalid path', pathPattern)));
}
