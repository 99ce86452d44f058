import { dnsSubdomain } from '../../apimachinery/names.ts';
import { invalid, type FieldError } from '../../apimachinery/validation.ts';

/** What is wrong with the path of a webhook that is a Service; none and `/` are the root. */
export function webhookPathErrors(path: string, field: string): FieldError[] {
  const wrong = (why: string): FieldError => invalid(field, path, why);
  if (path === '' || path === '/') return [];
  if (path === '//') return [wrong('segment[0] may not be empty')];
  const segments = path.slice(1).replace(/\/$/, '').split('/');
  return [
    ...(path.startsWith('/') ? [] : [wrong("must start with a '/'")]),
    ...segments.flatMap((segment, at) =>
      segment === ''
        ? [wrong(`segment[${at}] may not be empty`)]
        : dnsSubdomain(segment).map((problem) => wrong(`segment[${at}]: ${problem}`)),
    ),
  ];
}
