import type { WebhookClientConfig } from '../../../api/admissionregistration/v1/types.ts';
import { rangeComplaint } from '../../../apimachinery/names.ts';
import { invalid, required } from '../../../apimachinery/validation.ts';
import type { Errors } from '../checks.ts';
import { webhookPathErrors } from '../webhook-path.ts';

const form = 'desired format: https://host[/path]';

/** How a webhook is reached: by a URL, or as a Service. */
export function checkClientConfig(errors: Errors, config: Readonly<WebhookClientConfig>, field: string): void {
  const { url, service } = config;
  if ((url === undefined) === (service === undefined))
    return void errors.push(required(field, 'exactly one of url or service is required'));
  if (url !== undefined) return checkUrl(errors, url, `${field}.url`);
  const { name, namespace, path, port } = service!;
  // Each is named where the other is missing: Kubernetes' own slip.
  if (!namespace) errors.push(required(`${field}.service.name`));
  if (!name) errors.push(required(`${field}.service.namespace`));
  if (port !== undefined && (port < 1 || port > 65535))
    errors.push(invalid(`${field}.service.port`, port, `port is not valid: ${rangeComplaint(1, 65535)}`));
  errors.push(...webhookPathErrors(path ?? '', `${field}.service.path`));
}

/** The parts of a URL as Go reads them (RFC 3986, appendix B). */
function checkUrl(errors: Errors, url: string, field: string): void {
  const wrong = (part: string, why: string): void => void errors.push(invalid(field, part, why));
  if (url.startsWith(':'))
    return void errors.push(
      required(field, `url must be a valid URL: parse ${JSON.stringify(url)}: missing protocol scheme; ${form}`),
    );
  const [, scheme = '', authority = '', query, fragment] =
    /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/?#]*))?[^?#]*(?:\?([^#]*))?(?:#(.*))?$/is.exec(url) ?? [];
  if (scheme.toLowerCase() !== 'https') wrong(scheme, `'https' is the only allowed URL scheme; ${form}`);
  const at = authority.lastIndexOf('@');
  if (authority.slice(at + 1) === '') wrong('', `host must be specified; ${form}`);
  if (at >= 0) wrong(authority.slice(0, at), 'user information is not permitted in the URL');
  if (fragment) wrong(fragment, 'fragments are not permitted in the URL');
  if (query) wrong(query, 'query parameters are not permitted in the URL');
}
