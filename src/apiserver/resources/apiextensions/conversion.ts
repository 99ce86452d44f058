import type {
  CustomResourceConversion,
  ServiceReference,
  WebhookClientConfig,
} from '../../../api/apiextensions/v1/types.ts';
import { dns1035Label, rangeComplaint } from '../../../apimachinery/names.ts';
import { forbidden, invalid, notSupported, required, type FieldError } from '../../../apimachinery/validation.ts';
import { certificatesIn } from '../../auth/pem-certificates.ts';
import { webhookPathErrors } from '../webhook-path.ts';

export interface ConversionRules {
  /** One of the review versions must be one that this server speaks. */
  readonly requireKnownReview: boolean;
  readonly allowInvalidBundle: boolean;
}

const reviewVersions = ['v1', 'v1beta1'];

/** What is wrong with how a definition's objects are brought from one version to another; at `spec.conversion`. */
export function conversionErrors(
  conversion: Readonly<CustomResourceConversion> | undefined,
  rules: ConversionRules,
): FieldError[] {
  if (conversion === undefined) return [];
  const path = 'spec.conversion';
  const { strategy, webhook } = conversion;
  const errors: FieldError[] = [];
  if (!strategy) errors.push(required(`${path}.strategy`));
  else if (strategy !== 'None' && strategy !== 'Webhook')
    errors.push(notSupported(`${path}.strategy`, strategy, ['None', 'Webhook']));
  const config = webhook?.clientConfig;
  const versions = webhook?.conversionReviewVersions ?? [];
  if (strategy === 'Webhook') {
    if (config === undefined)
      errors.push(required(`${path}.webhookClientConfig`, 'required when strategy is set to Webhook'));
    else errors.push(...clientErrors(config, `${path}.webhookClientConfig`, rules));
    errors.push(...reviewErrors(versions, `${path}.conversionReviewVersions`, rules));
    return errors;
  }
  const why = 'should not be set when strategy is not set to Webhook';
  if (config !== undefined) errors.push(forbidden(`${path}.webhookClientConfig`, why));
  if (versions.length > 0) errors.push(forbidden(`${path}.conversionReviewVersions`, why));
  return errors;
}

/** Whether a list names a version of reviews that this server speaks, or none at all. */
export function hasKnownReview(versions: readonly string[]): boolean {
  return versions.length === 0 || versions.some((version) => reviewVersions.includes(version));
}

function reviewErrors(
  versions: readonly string[],
  path: string,
  { requireKnownReview }: ConversionRules,
): FieldError[] {
  if (versions.length === 0) return [required(path)];
  const errors: FieldError[] = [];
  for (const [at, version] of versions.entries()) {
    if (versions.indexOf(version) < at) errors.push(invalid(`${path}[${at}]`, version, 'duplicate version'));
    else for (const problem of dns1035Label(version)) errors.push(invalid(`${path}[${at}]`, version, problem));
  }
  if (requireKnownReview && !hasKnownReview(versions))
    errors.push(invalid(path, versions, `must include at least one of ${reviewVersions.join(', ')}`));
  return errors;
}

function clientErrors(
  { url, service, caBundle = '' }: Readonly<WebhookClientConfig>,
  path: string,
  { allowInvalidBundle }: ConversionRules,
): FieldError[] {
  const errors: FieldError[] = [];
  if ((url === undefined) === (service === undefined))
    errors.push(required(path, 'exactly one of url or service is required'));
  else if (url !== undefined) errors.push(...urlErrors(url, `${path}.url`));
  else errors.push(...serviceErrors(service!, `${path}.service`));
  if (caBundle !== '' && !allowInvalidBundle && !isBundle(caBundle))
    errors.push(
      invalid(`${path}.caBundle`, caBundle, 'unable to load root certificates: unable to parse bytes as PEM block'),
    );
  return errors;
}

/** Whether a text in base64 holds certificates in PEM; an empty one asks for none. */
export function isBundle(base64: string): boolean {
  return base64 === '' || certificatesIn(Buffer.from(base64, 'base64').toString('latin1')).length > 0;
}

function urlErrors(text: string, path: string): FieldError[] {
  const form = '; desired format: https://host[/path]';
  const parsed = URL.parse(text);
  if (parsed === null && /[\s%]/.test(text))
    return [required(path, `url must be a valid URL: parse ${JSON.stringify(text)}: invalid URL${form}`)];
  const [, scheme = ''] = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(text) ?? [];
  const [, user, host = ''] = /^(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?\/\/(?:([^@/?#]*)@)?([^/?#]*)/.exec(text) ?? [];
  const [, query = ''] = /\?([^#]*)/.exec(text) ?? [];
  const [, fragment = ''] = /#(.*)$/s.exec(text) ?? [];
  const errors: FieldError[] = [];
  if (scheme !== 'https') errors.push(invalid(path, scheme, `'https' is the only allowed URL scheme${form}`));
  if (host === '') errors.push(invalid(path, host, `host must be specified${form}`));
  if (user !== undefined) errors.push(invalid(path, user, 'user information is not permitted in the URL'));
  if (fragment !== '') errors.push(invalid(path, fragment, 'fragments are not permitted in the URL'));
  if (query !== '') errors.push(invalid(path, query, 'query parameters are not permitted in the URL'));
  return errors;
}

function serviceErrors(
  { name, namespace, path: urlPath, port = 443 }: Readonly<ServiceReference>,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  // Upstream takes the one for the other here.
  if (!namespace) errors.push(required(`${path}.name`));
  if (!name) errors.push(required(`${path}.namespace`));
  if (port < 1 || port > 65535)
    errors.push(invalid(`${path}.port`, port, `port is not valid: ${rangeComplaint(1, 65535)}`));
  return [...errors, ...webhookPathErrors(urlPath ?? '', `${path}.path`)];
}
