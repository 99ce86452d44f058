import { duplicate, invalid, required, tooMany, type FieldError } from '../../apimachinery/validation.ts';
import { parseGoUrl } from '../../cel/library/go-url.ts';
import { claimExpressions } from '../auth/jwt/claim-expressions.ts';
import { certificatesIn } from '../auth/pem-certificates.ts';
import type { IssuerConfiguration, JwtConfiguration } from './jwt-configuration.ts';

const mostIssuers = 64;

/** What is wrong with the issuers of a configuration. */
export function errorsOfIssuers(issuers: readonly JwtConfiguration[]): FieldError[] {
  if (issuers.length > mostIssuers) return [tooMany('jwt', issuers.length, mostIssuers)];
  const errors: FieldError[] = [];
  const seen = { url: new Set<string>(), discoveryURL: new Set<string>() };
  issuers.forEach((one, i) => {
    const { url = '', discoveryURL = '' } = one.issuer ?? {};
    const at = `jwt[${i}].issuer`;
    checkIssuer(one.issuer ?? { url, audiences: [] }, at, errors);
    claimExpressions(one, `jwt[${i}]`, errors);
    if (seen.url.has(url)) errors.push(duplicate(`${at}.url`, url));
    seen.url.add(url);
    if (discoveryURL !== '' && seen.discoveryURL.has(discoveryURL))
      errors.push(duplicate(`${at}.discoveryURL`, discoveryURL));
    seen.discoveryURL.add(discoveryURL);
  });
  return errors;
}

function checkIssuer(issuer: IssuerConfiguration, at: string, errors: FieldError[]): void {
  const { url = '', discoveryURL = '', certificateAuthority = '', egressSelectorType = '' } = issuer;
  if (url === '') errors.push(required(`${at}.url`));
  else checkUrl(url, `${at}.url`, errors);
  if (discoveryURL !== '') {
    if (url !== '' && url.replace(/\/+$/, '') === discoveryURL.replace(/\/+$/, ''))
      errors.push(invalid(`${at}.discoveryURL`, discoveryURL, 'discoveryURL must be different from URL'));
    checkUrl(discoveryURL, `${at}.discoveryURL`, errors);
  }
  checkAudiences(issuer, at, errors);
  if (certificateAuthority !== '' && certificatesIn(certificateAuthority).length === 0)
    errors.push(
      invalid(`${at}.certificateAuthority`, '<omitted>', 'data does not contain any valid RSA or ECDSA certificates'),
    );
  if (egressSelectorType !== '')
    errors.push(
      invalid(
        `${at}.egressSelectorType`,
        egressSelectorType,
        ['controlplane', 'cluster'].includes(egressSelectorType)
          ? 'there is no egress selector here: connections are made directly'
          : 'egress selector must be either controlplane or cluster',
      ),
    );
}

function checkUrl(text: string, field: string, errors: FieldError[]): void {
  const url = parseGoUrl(text);
  const refuse = (why: string): void => void errors.push(invalid(field, text, why));
  if (typeof url === 'string') return refuse(url);
  if (url.scheme !== 'https') refuse('URL scheme must be https');
  if (/^[^/?#]*:\/\/[^/?#]*@/.test(text)) refuse('URL must not contain a username or password');
  if (url.query !== '') refuse('URL must not contain a query');
  if (/#./.test(text)) refuse('URL must not contain a fragment');
}

function checkAudiences(
  { audiences = [], audienceMatchPolicy = '' }: IssuerConfiguration,
  at: string,
  errors: FieldError[],
): void {
  if (audiences.length === 0) {
    errors.push(required(`${at}.audiences`, `at least one ${at}.audiences is required`));
    return;
  }
  const seen = new Set<string>();
  audiences.forEach((audience, i) => {
    if (audience === '') errors.push(required(`${at}.audiences[${i}]`));
    if (seen.has(audience)) errors.push(duplicate(`${at}.audiences[${i}]`, audience));
    seen.add(audience);
  });
  const isAny = audienceMatchPolicy === 'MatchAny';
  const refuse = (why: string): void =>
    void errors.push(invalid(`${at}.audienceMatchPolicy`, audienceMatchPolicy, why));
  if (audiences.length > 1 && !isAny) refuse('audienceMatchPolicy must be MatchAny for multiple audiences');
  if (audiences.length === 1 && audienceMatchPolicy !== '' && !isAny)
    refuse('audienceMatchPolicy must be empty or MatchAny for single audience');
}
