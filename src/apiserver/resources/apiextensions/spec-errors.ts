import type {
  CustomResourceDefinition,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
} from '../../../api/apiextensions/v1/types.ts';
import { semanticEqual } from '../../../apimachinery/equality.ts';
import { dns1035Label, dnsSubdomain } from '../../../apimachinery/names.ts';
import { invalid, notSupported, required, type FieldError } from '../../../apimachinery/validation.ts';
import type { Steps } from '../../../base/in-steps.ts';
import { conversionProblem } from '../../schema/conversion-problem.ts';
import { someSchema, type JsonSchema } from '../../schema/json-schema.ts';
import { conversionErrors, hasKnownReview, isBundle } from './conversion.ts';
import { isTrue } from './conditions.ts';
import type { RuleChecks } from '../../schema/rule-checks.ts';
import { schemaErrors, type WholeSchemaRules } from './schema-errors.ts';
import { knownFaults } from './known-faults.ts';
import { viewOf, type VersionParts } from './spec-view.ts';
import {
  columnErrors,
  deprecationErrors,
  nameErrors,
  selectableFieldErrors,
  subresourceErrors,
} from './version-checks.ts';

type Definition = Readonly<CustomResourceDefinition>;
type Errors = FieldError[];

/** Makes the checks of the rules in a schema; `isUnchanged`: it stood in the definition before. */
export type RulesOf = (root: JsonSchema, isUnchanged: boolean) => RuleChecks;

/** What is wrong with a definition's spec. What `old` had already it may keep. In steps. */
export function* specErrors(
  definition: Definition,
  old: Definition | undefined,
  rulesOf?: RulesOf,
): Steps<FieldError[]> {
  const { spec } = definition;
  const view = viewOf(spec);
  const rules = rulesFor(spec, old);
  const errors: Errors = [];
  checkGroup(errors, spec.group);
  if (!spec.scope) errors.push(required('spec.scope'));
  else if (spec.scope !== 'Cluster' && spec.scope !== 'Namespaced')
    errors.push(notSupported('spec.scope', spec.scope, ['Cluster', 'Namespaced']));
  if (view.shared.schema?.openAPIV3Schema === undefined)
    for (const [at, { schema, version }] of view.versions.entries()) {
      if (schema?.openAPIV3Schema !== undefined) continue;
      const path = `spec.versions[${at}].schema.openAPIV3Schema`;
      if (rules.requireSchema) errors.push(required(path));
      else if (version.served && spec.preserveUnknownFields !== true)
        errors.push(required(path, 'because otherwise all fields are pruned'));
    }
  if (spec.preserveUnknownFields === true && someOf(spec, ({ default: value }) => value !== undefined))
    errors.push(invalid('spec.preserveUnknownFields', true, 'must be false in order to use defaults in the schema'));

  const check = (parts: VersionParts, version: Readonly<CustomResourceDefinitionVersion>, path: string, name: string) =>
    partErrors(parts, spec, { path, name, version, old, rules, rulesOf, isShared: path === 'spec' });
  for (const [at, one] of view.versions.entries()) {
    const path = `spec.versions[${at}]`;
    const { version } = one;
    const problems = dns1035Label(version.name);
    if (problems.length > 0) errors.push(invalid(`${path}.name`, version.name, problems.join(',')));
    errors.push(
      ...deprecationErrors(version.deprecated === true, version.deprecationWarning, `${path}.deprecationWarning`),
      ...(yield* check(one, version, path, `${path}.schema`)),
    );
  }
  checkVersions(errors, spec);
  for (const name of ['plural', 'singular', 'kind', 'listKind'] as const)
    if (!spec.names?.[name]) errors.push(required(`spec.names.${name}`));
  errors.push(...nameErrors(spec.names ?? {}, 'spec.names'));
  const [first] = spec.versions ?? [];
  if (first !== undefined) errors.push(...(yield* check(view.shared, first, 'spec', 'spec.validation')));
  const { conversion } = spec;
  if (conversion !== undefined && conversion.strategy !== 'None' && spec.preserveUnknownFields === true)
    errors.push(
      invalid('spec.conversion.strategy', conversion.strategy, 'must be None if spec.preserveUnknownFields is true'),
    );
  errors.push(...conversionErrors(conversion, rules));
  if (old !== undefined) checkImmutable(errors, spec, old);
  return errors;
}

interface PartChecks {
  readonly path: string;
  /** The path of the schema. */
  readonly name: string;
  readonly version: Readonly<CustomResourceDefinitionVersion>;
  readonly old: Definition | undefined;
  readonly rules: Rules;
  readonly rulesOf: RulesOf | undefined;
  readonly isShared: boolean;
}

function* partErrors(
  { schema, subresources, columns, selectableFields }: VersionParts,
  spec: Readonly<CustomResourceDefinitionSpec>,
  { path, name, version, old, rules, rulesOf, isShared }: PartChecks,
): Steps<FieldError[]> {
  const errors: Errors = [];
  const before = old?.spec.versions.find((one) => one.name === version.name);
  const root = schema?.openAPIV3Schema;
  const hasStatus = isShared
    ? spec.versions.some((one) => one.subresources?.status !== undefined)
    : version.subresources?.status !== undefined;
  if (root !== undefined) {
    const isUnchanged = semanticEqual(before?.schema?.openAPIV3Schema, root);
    const made = rulesOf === undefined ? undefined : (one: JsonSchema) => rulesOf(one, isUnchanged);
    errors.push(...(yield* schemaErrors(root, `${name}.openAPIV3Schema`, hasStatus, rules, made)));
  }
  errors.push(...subresourceErrors(subresources, `${path}.subresources`));
  errors.push(...columnErrors(columns, `${path}.additionalPrinterColumns`));
  if (selectableFields.length === 0) return errors;
  const at = `${path}.selectableFields`;
  const whole = isShared ? root : version.schema?.openAPIV3Schema;
  const seen = isShared || schema !== undefined ? whole : undefined;
  if (seen === undefined)
    return [
      ...errors,
      invalid(
        at,
        '',
        isShared
          ? 'may only be set when validations.schema is included'
          : 'may only be set when `version.schema.openAPIV3Schema` is not included',
      ),
    ];
  const problem = conversionProblem(seen);
  if (problem !== undefined) return [...errors, invalid(`${path}.schema.openAPIV3Schema`, '', problem)];
  const mayBeMany =
    (before?.selectableFields?.length ?? 0) > 8 && semanticEqual(before?.selectableFields, selectableFields);
  return [...errors, ...selectableFieldErrors(selectableFields, seen, at, mayBeMany)];
}

function checkGroup(errors: Errors, group: string): void {
  const problems = group ? dnsSubdomain(group) : [];
  if (!group) errors.push(required('spec.group'));
  else if (problems.length > 0) errors.push(invalid('spec.group', group, problems.join(',')));
  else if (!group.includes('.')) errors.push(invalid('spec.group', group, 'should be a domain with at least one dot'));
}

function checkVersions(errors: Errors, { versions = [] }: Readonly<CustomResourceDefinitionSpec>): void {
  if (new Set(versions.map(({ name }) => name)).size < versions.length)
    errors.push(invalid('spec.versions', versions, 'must contain unique version names'));
  if (versions.filter(({ storage }) => storage).length !== 1)
    errors.push(invalid('spec.versions', versions, 'must have exactly one version marked as storage version'));
  const first = versions[0]?.name ?? '';
  const problems = first === '' ? [] : dns1035Label(first);
  if (problems.length > 0) errors.push(invalid('spec.version', first, problems.join(',')));
}

function checkImmutable(errors: Errors, spec: Readonly<CustomResourceDefinitionSpec>, old: Definition): void {
  const check = (path: string, value: unknown, before: unknown) => {
    if (value !== before) errors.push(invalid(path, value, 'field is immutable'));
  };
  if (isTrue(old, 'Established')) {
    check('spec.scope', spec.scope, old.spec.scope);
    check('spec.names.kind', spec.names.kind, old.spec.names.kind);
  }
  check('spec.group', spec.group, old.spec.group);
  check('spec.names.plural', spec.names.plural, old.spec.names.plural);
}

interface Rules extends WholeSchemaRules {
  readonly requireSchema: boolean;
  readonly requireKnownReview: boolean;
  readonly allowInvalidBundle: boolean;
}

const extensions = [
  'x-kubernetes-embedded-resource',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-int-or-string',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-list-type',
  'x-kubernetes-validations',
] as const;

/** All demands on what is new; what is wrong before may stay as wrong. */
function rulesFor(spec: Readonly<CustomResourceDefinitionSpec>, old: Definition | undefined): Rules {
  const faults = old === undefined ? undefined : knownFaults(old.spec);
  const needsStructure =
    spec.preserveUnknownFields !== true ||
    someOf(spec, (schema) => schema.default !== undefined || extensions.some((name) => schema[name] !== undefined));
  const webhook = old?.spec.conversion?.webhook;
  const bundle = webhook?.clientConfig?.caBundle ?? '';
  return {
    requireSchema: faults?.lacksSchema !== true,
    requireStructural: needsStructure || faults?.isNotStructural !== true,
    requirePrunedDefaults: faults?.hasUnprunedDefaults !== true,
    requireValidTypes: faults?.hasOddTypes !== true,
    requireAtomicSets: faults?.hasDivisibleSets !== true,
    requireMapKeys: faults?.hasOddKeys !== true,
    requireKnownReview: hasKnownReview(webhook?.conversionReviewVersions ?? []),
    allowInvalidBundle: old === undefined || !isTrue(old, 'Established') || (bundle !== '' && !isBundle(bundle)),
  };
}

function someOf({ versions = [] }: Readonly<CustomResourceDefinitionSpec>, isSuch: (schema: JsonSchema) => boolean) {
  return versions.some(({ schema }) => {
    const root = schema?.openAPIV3Schema;
    return root !== undefined && someSchema(root, isSuch);
  });
}
