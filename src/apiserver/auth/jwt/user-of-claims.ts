import { CelError, CelObject, type Value } from '../../../cel/values/value.ts';
import { isList, itemsOf } from '../../../cel/values/list.ts';
import type { ConfiguredExpression } from '../../configuration/cel-expressions.ts';
import type { JwtConfiguration } from '../../configuration/jwt-configuration.ts';
import type { UserInfo } from '../auth.ts';
import type { Claims } from '../json-web-token.ts';
import type { ClaimExpressions } from './claim-expressions.ts';

/** The claims make no user; the message is for logs and reviews. */
export class ClaimError extends Error {
  override readonly name = 'ClaimError';
}

/** Who the claims of a verified token say that its holder is. Throws {@link ClaimError}. */
export function userOfClaims(claims: Claims, config: JwtConfiguration, expressions: ClaimExpressions): UserInfo {
  const uid = uidOf(claims, config, expressions);
  const extra = extraOf(claims, expressions);
  const user: UserInfo = {
    name: nameOf(claims, config, expressions),
    ...(uid !== '' && { uid }),
    groups: groupsOf(claims, config, expressions),
    ...(Object.keys(extra).length > 0 && { extra }),
  };
  checkClaims(claims, config, expressions);
  checkUser(user, expressions);
  return user;
}

function nameOf(claims: Claims, { claimMappings }: JwtConfiguration, { username }: ClaimExpressions): string {
  if (username !== undefined) {
    const name = resultOf(username, 'username claim', { claims });
    if (typeof name !== 'string')
      throw new ClaimError(
        'oidc: error evaluating username claim expression: username claim expression must return a string',
      );
    if (name === '') throw new ClaimError('oidc: empty username via CEL expression is not allowed');
    return name;
  }
  const { claim = '', prefix = '' } = claimMappings.username;
  const name = textClaim(claims, claim, `parse username claims ${JSON.stringify(claim)}`);
  if (claim === 'email' && Object.hasOwn(claims, 'email_verified')) {
    const verified = claims['email_verified'];
    if (typeof verified !== 'boolean') throw new ClaimError("oidc: parse 'email_verified' claim: it is no boolean");
    if (!verified) throw new ClaimError('oidc: email not verified');
  }
  return `${prefix}${name}`;
}

function groupsOf(claims: Claims, { claimMappings }: JwtConfiguration, { groups }: ClaimExpressions): string[] {
  const { claim = '', prefix = '' } = claimMappings.groups ?? {};
  if (claim !== '' && Object.hasOwn(claims, claim)) {
    const given = claims[claim];
    const names = typeof given === 'string' ? [given] : (given ?? []);
    if (!Array.isArray(names) || !names.every((name) => typeof name === 'string'))
      throw new ClaimError(`oidc: parse groups claim ${JSON.stringify(claim)}: it is no text and no list of texts`);
    return names.map((name) => `${prefix}${name}`);
  }
  return groups === undefined ? [] : textsOf(resultOf(groups, 'group claim', { claims }), 'group claim');
}

function uidOf(claims: Claims, { claimMappings }: JwtConfiguration, { uid }: ClaimExpressions): string {
  const { claim = '' } = claimMappings.uid ?? {};
  if (claim !== '') return textClaim(claims, claim, `parse uid claim ${JSON.stringify(claim)}`);
  if (uid === undefined) return '';
  const found = resultOf(uid, 'uid claim', { claims });
  if (typeof found !== 'string')
    throw new ClaimError('oidc: error evaluating uid claim expression: uid claim expression must return a string');
  return found;
}

function extraOf(claims: Claims, { extra }: ClaimExpressions): Record<string, readonly string[]> {
  const { jti } = claims;
  const found: Record<string, readonly string[]> = {};
  if (typeof jti === 'string' && jti !== '') found['authentication.kubernetes.io/credential-id'] = [`JTI=${jti}`];
  for (const [key, value] of extra) {
    const texts = textsOf(resultOf(value, 'extra claim', { claims }), 'extra claim');
    if (texts.length > 0) found[key] = texts;
  }
  return found;
}

function checkClaims(
  claims: Claims,
  { claimValidationRules = [] }: JwtConfiguration,
  { claimRules }: ClaimExpressions,
): void {
  for (const { claim = '', requiredValue = '' } of claimValidationRules) {
    if (claim === '') continue;
    if (!Object.hasOwn(claims, claim)) throw new ClaimError(`oidc: required claim ${claim} not present in ID token`);
    // The value that came may be a secret of the issuer's.
    if (textClaim(claims, claim, `parse claim ${claim}`) !== requiredValue)
      throw new ClaimError(`oidc: required claim ${claim} value does not match`);
  }
  for (const [rule, holds] of claimRules) checkRule(rule, holds, 'claim validation expression', { claims });
}

function checkUser({ name, uid, groups, extra }: UserInfo, { userRules }: ClaimExpressions): void {
  if (userRules.length === 0) return;
  const user = {
    username: name,
    ...(uid !== undefined && { uid }),
    ...(groups.length > 0 && { groups }),
    ...(extra !== undefined && { extra }),
  };
  for (const [rule, holds] of userRules) checkRule(rule, holds, 'user info validation rule', { user });
}

function checkRule(
  { message = '' }: { readonly message?: string },
  holds: ConfiguredExpression,
  what: string,
  variables: Readonly<Record<string, unknown>>,
): void {
  const { value } = holds.program.run(variables);
  const at = `oidc: error evaluating ${what}`;
  if (value instanceof CelError)
    throw new ClaimError(`${at}: expression '${holds.text}' resulted in error: ${value.message}`);
  if (value !== true)
    throw new ClaimError(`${at}: validation expression '${holds.text}' failed${message && `: ${message}`}`);
}

function resultOf(expression: ConfiguredExpression, what: string, variables: { readonly claims: Claims }): Value {
  const { value } = expression.program.run(variables);
  if (value instanceof CelError)
    throw new ClaimError(
      `oidc: error evaluating ${what} expression: expression '${expression.text}' resulted in error: ${value.message}`,
    );
  return value;
}

/** A text or a list of texts; empty ones and null stand for nothing. */
function textsOf(value: Value, what: string): string[] {
  if (value === null || value === '') return [];
  if (typeof value === 'string') return [value];
  const items = isListValue(value) ? itemsOf(value) : undefined;
  if (items === undefined || !items.every((item) => typeof item === 'string'))
    throw new ClaimError(
      `oidc: error evaluating ${what} expression: expression must return a string or a list of strings`,
    );
  return items.filter((item) => item !== '');
}

function isListValue(value: Value): value is Extract<Value, Parameters<typeof itemsOf>[0]> {
  return (Array.isArray(value) || value instanceof CelObject) && isList(value);
}

function textClaim(claims: Claims, claim: string, what: string): string {
  if (!Object.hasOwn(claims, claim)) throw new ClaimError(`oidc: ${what}: claim not present`);
  const value = claims[claim];
  if (typeof value !== 'string') throw new ClaimError(`oidc: ${what}: it is no text`);
  return value;
}
