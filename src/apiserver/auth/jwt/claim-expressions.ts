import { duplicate, invalid, required, type FieldError } from '../../../apimachinery/validation.ts';
import { objectOf, typed, type Declaration } from '../../../cel/declaration.ts';
import { kubernetesEnvironment } from '../../../cel/environment.ts';
import { boolType, dynType, listType, mapType, stringType } from '../../../cel/type.ts';
import {
  configuredExpression,
  isNewExpression,
  type ConfiguredExpression,
} from '../../configuration/cel-expressions.ts';
import type {
  ClaimMappings,
  ClaimRule,
  JwtConfiguration,
  PrefixedClaim,
  UserRule,
} from '../../configuration/jwt-configuration.ts';
import { checkDomainPath } from '../../resources/domain-path.ts';
import { readsClaim } from './reads-claim.ts';

/** The expressions of a configured issuer. What is given by the name of a claim has none. */
export interface ClaimExpressions {
  readonly username?: ConfiguredExpression;
  readonly groups?: ConfiguredExpression;
  readonly uid?: ConfiguredExpression;
  readonly extra: readonly (readonly [key: string, value: ConfiguredExpression])[];
  readonly claimRules: readonly (readonly [rule: ClaimRule, holds: ConfiguredExpression])[];
  readonly userRules: readonly (readonly [rule: UserRule, holds: ConfiguredExpression])[];
}

const claims = kubernetesEnvironment({ claims: mapType(stringType, dynType) });

const text = typed(stringType);
const texts: Declaration = { ...typed(listType(stringType)), element: text };
const extra: Declaration = { ...typed(mapType(stringType, listType(stringType))), element: texts };
const userFields = { username: text, uid: text, groups: texts, extra };
const users = kubernetesEnvironment({
  user: objectOf('kubernetes.UserInfo', new Map(Object.entries(userFields)), { minSize: 2, isPlain: true }),
});

/** Makes all expressions of an issuer ready; what is wrong with them, and with what stands beside them, goes to the errors. */
export function claimExpressions(config: JwtConfiguration, at: string, errors: FieldError[]): ClaimExpressions {
  const claimRules = claimRulesOf(config.claimValidationRules ?? [], `${at}.claimValidationRules`, errors);
  const mappings = mappingsOf(config.claimMappings ?? { username: {} }, claimRules, `${at}.claimMappings`, errors);
  const userRules = userRulesOf(config.userValidationRules ?? [], `${at}.userValidationRules`, errors);
  return { ...mappings, claimRules, userRules };
}

function claimRulesOf(rules: readonly ClaimRule[], at: string, errors: FieldError[]): ClaimExpressions['claimRules'] {
  const seenClaims = new Set<string>();
  const seen = new Set<string>();
  return rules.flatMap((rule, i): [ClaimRule, ConfiguredExpression][] => {
    const { claim = '', expression = '', message = '', requiredValue = '' } = rule;
    const field = `${at}[${i}]`;
    if (claim !== '' && expression !== '') errors.push(invalid(field, claim, "claim and expression can't both be set"));
    else if (claim === '' && expression === '') errors.push(required(field, 'claim or expression is required'));
    else if (claim !== '') {
      if (message !== '') errors.push(invalid(`${field}.message`, message, 'may not be specified when claim is set'));
      if (seenClaims.has(claim)) errors.push(duplicate(`${field}.claim`, claim));
      seenClaims.add(claim);
    } else {
      if (requiredValue !== '')
        errors.push(invalid(`${field}.requiredValue`, requiredValue, 'may not be specified when expression is set'));
      if (!isNewExpression(expression, seen, `${field}.expression`, errors)) return [];
      const holds = configuredExpression(expression, claims, { field: `${field}.expression`, type: boolType, errors });
      if (holds !== undefined) return [[rule, holds]];
    }
    return [];
  });
}

function userRulesOf(rules: readonly UserRule[], at: string, errors: FieldError[]): ClaimExpressions['userRules'] {
  const seen = new Set<string>();
  return rules.flatMap((rule, i): [UserRule, ConfiguredExpression][] => {
    const { expression = '' } = rule;
    const field = `${at}[${i}].expression`;
    if (!isNewExpression(expression, seen, field, errors)) return [];
    const holds = configuredExpression(expression, users, { field, type: boolType, errors });
    return holds === undefined ? [] : [[rule, holds]];
  });
}

type MappedExpressions = Omit<ClaimExpressions, 'claimRules' | 'userRules'>;

function mappingsOf(
  mappings: ClaimMappings,
  claimRules: ClaimExpressions['claimRules'],
  at: string,
  errors: FieldError[],
): MappedExpressions {
  const username = prefixed(mappings.username ?? {}, `${at}.username`, true, errors);
  const groups = prefixed(mappings.groups ?? {}, `${at}.groups`, false, errors);
  const { claim = '', expression = '' } = mappings.uid ?? {};
  if (claim !== '' && expression !== '')
    errors.push(invalid(`${at}.uid`, '', "claim and expression can't both be set"));
  const uid =
    claim !== '' || expression === ''
      ? undefined
      : configuredExpression(expression, claims, { field: `${at}.uid.expression`, errors });
  const extra = extraOf(mappings.extra ?? [], `${at}.extra`, errors);
  const verifying = [username, ...extra.map(([, value]) => value), ...claimRules.map(([, holds]) => holds)];
  const reads = (one: ConfiguredExpression | undefined, name: string): boolean =>
    one !== undefined && readsClaim(one.compiled.checked.expression, name);
  if (reads(username, 'email') && !verifying.some((one) => reads(one, 'email_verified')))
    errors.push(
      invalid(
        `${at}.username.expression`,
        mappings.username.expression,
        'claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression',
      ),
    );
  return { ...(username && { username }), ...(groups && { groups }), ...(uid && { uid }), extra };
}

function prefixed(
  { claim = '', expression = '', prefix }: PrefixedClaim,
  field: string,
  isNeeded: boolean,
  errors: FieldError[],
): ConfiguredExpression | undefined {
  if (claim !== '' && expression !== '') errors.push(invalid(field, '', "claim and expression can't both be set"));
  else if (claim === '' && expression === '') {
    if (isNeeded) errors.push(required(field, 'claim or expression is required'));
  } else if (expression !== '') {
    if (prefix !== undefined)
      errors.push(invalid(`${field}.prefix`, prefix, 'may not be specified when expression is set'));
    return configuredExpression(expression, claims, { field: `${field}.expression`, errors });
  } else if (prefix === undefined) {
    const why = 'prefix is required when claim is set. It can be set to an empty string to disable prefixing';
    errors.push(required(`${field}.prefix`, why));
  }
  return undefined;
}

function extraOf(
  mappings: NonNullable<ClaimMappings['extra']>,
  at: string,
  errors: FieldError[],
): ClaimExpressions['extra'] {
  const seen = new Set<string>();
  return mappings.flatMap(({ key = '', valueExpression = '' }, i): [string, ConfiguredExpression][] => {
    const [field, own] = [`${at}[${i}].valueExpression`, `${at}[${i}].key`];
    checkDomainPath(errors, own, key);
    if (key !== key.toLowerCase()) errors.push(invalid(own, key, 'must be lowercase'));
    if (/^(?:[^/]*\.)?(?:kubernetes|k8s)\.io\//.test(key))
      errors.push(invalid(own, key, 'k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use'));
    if (seen.has(key)) return (errors.push(duplicate(own, key)), []);
    seen.add(key);
    if (valueExpression === '') return (errors.push(required(field)), []);
    const value = configuredExpression(valueExpression, claims, { field, errors });
    return value === undefined ? [] : [[key, value]];
  });
}
