import type { ValidationRule } from '../../../api/apiextensions/v1/types.ts';
import { isObject } from '../../../apimachinery/patch/json-value.ts';
import { forbidden, invalid, notSupported, required, type FieldError } from '../../../apimachinery/validation.ts';
import type { Steps } from '../../../base/in-steps.ts';
import { conversionProblem } from '../../schema/conversion-problem.ts';
import { findField } from '../../schema/field-path.ts';
import { additionalSchema, isEmbedded, itemSchema, metaFields, type JsonSchema } from '../../schema/json-schema.ts';
import { child, index, key } from '../../schema/paths.ts';
import type { RuleCheck } from '../../schema/rule-checks.ts';
import { listTypeErrors, mapKeyErrors } from './list-type-checks.ts';

/** Which demands are made; what a definition had before it may keep. */
export interface SchemaRules {
  readonly requireValidTypes: boolean;
  readonly requireAtomicSets: boolean;
  readonly requireMapKeys: boolean;
}

/** Where in a schema one stands that is looked at. */
interface Place {
  readonly allowDefaults: boolean;
  /** Why there may be none. */
  readonly noDefaults: string;
  readonly inMeta: boolean;
  /** The first schema on the way whose parts cannot be told apart before and after a write. */
  readonly uncorrelated: string | undefined;
}

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

/**
 * What is wrong with the keywords of a schema and of those in it: first all that is about keywords, then what is wrong with
 * the rules of those whose keywords are right. In steps, as rules are compiled.
 */
export function* keywordErrors(
  schema: JsonSchema,
  path: string,
  rules: SchemaRules,
  checkRules?: RuleCheck,
): Steps<FieldError[]> {
  const check = new KeywordCheck(rules);
  check.visit(schema, path, { allowDefaults: true, noDefaults: '', inMeta: false, uncorrelated: undefined }, true);
  const { errors } = check;
  if (checkRules === undefined) return errors;
  yield;
  for (const one of check.withRules) errors.push(...(yield* checkRules(one.schema, one.path, one.uncorrelated)));
  return errors;
}

class KeywordCheck {
  readonly errors: FieldError[] = [];
  /** Those with rules whose keywords are right. */
  readonly withRules: { schema: JsonSchema; path: string; uncorrelated: string | undefined }[] = [];
  readonly #rules: SchemaRules;

  constructor(rules: SchemaRules) {
    this.#rules = rules;
  }

  /** `hasRules`: whether rules may stand here; not below `allOf` and its like. */
  visit(schema: JsonSchema, path: string, place: Place, isRoot = false, hasRules = true): void {
    const before = this.errors.length;
    this.#own(schema, path, place);
    this.#additional(schema, path, place, hasRules);
    this.#properties(schema, path, place, isRoot, hasRules);
    this.#junctors(schema, path, place);
    this.#items(schema, path, place, hasRules);
    if (schema['x-kubernetes-preserve-unknown-fields'] === false)
      this.errors.push(
        invalid(child(path, 'x-kubernetes-preserve-unknown-fields'), false, 'must be true or undefined'),
      );
    this.errors.push(...listTypeErrors(schema, path, this.#rules.requireAtomicSets));
    if (this.#rules.requireMapKeys) this.errors.push(...mapKeyErrors(schema, path));
    const rules = schema['x-kubernetes-validations'] ?? [];
    if (rules.length === 0) return;
    this.errors.push(...ruleFormErrors(schema, rules, child(path, 'x-kubernetes-validations')));
    if (this.errors.length === before && hasRules)
      this.withRules.push({ schema, path, uncorrelated: place.uncorrelated });
  }

  #own(schema: JsonSchema, path: string, { allowDefaults, noDefaults, inMeta }: Place): void {
    const { type = '' } = schema;
    const unsupported = (name: string) => this.errors.push(forbidden(child(path, name), `${name} is not supported`));
    if (this.#rules.requireValidTypes && type !== '' && !types.includes(type))
      this.errors.push(notSupported(child(path, 'type'), type, types));
    if (schema.default !== undefined && !allowDefaults)
      this.errors.push(
        forbidden(child(path, 'default'), noDefaults === '' ? 'must not be set' : `must not be set ${noDefaults}`),
      );
    if (schema.id) unsupported('id');
    if (schema.additionalItems !== undefined) unsupported('additionalItems');
    if (Object.keys(schema.patternProperties ?? {}).length > 0) unsupported('patternProperties');
    if (Object.keys(schema.definitions ?? {}).length > 0) unsupported('definitions');
    if (schema.dependencies !== undefined) unsupported('dependencies');
    if (schema.$ref !== undefined) unsupported('$ref');
    if (type === 'null')
      this.errors.push(forbidden(child(path, 'type'), 'type cannot be set to null, use nullable as an alternative'));
    if (Array.isArray(schema.items) && schema.items.length > 0)
      this.errors.push(forbidden(child(path, 'items'), 'items must be a schema object and not an array'));
    if (inMeta && isEmbedded(schema))
      this.errors.push(
        forbidden(child(path, 'x-kubernetes-embedded-resource'), 'must not be used inside of resource meta'),
      );
    if (schema.uniqueItems === true)
      this.errors.push(
        forbidden(
          child(path, 'uniqueItems'),
          'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
        ),
      );
  }

  #additional(schema: JsonSchema, path: string, place: Place, hasRules: boolean): void {
    const { additionalProperties: additional, properties = {} } = schema;
    if (additional === undefined) return;
    const at = child(path, 'additionalProperties');
    if (Object.keys(properties).length > 0 && additional !== true)
      this.errors.push(forbidden(at, 'additionalProperties and properties are mutual exclusive'));
    const rest = additionalSchema(schema);
    if (rest === undefined) return;
    const noDefaults = 'inside additionalProperties applying to object metadata';
    this.visit(rest, at, place.inMeta ? { ...place, allowDefaults: false, noDefaults } : place, false, hasRules);
  }

  #properties(schema: JsonSchema, path: string, place: Place, isRoot: boolean, hasRules: boolean): void {
    const isCorrelated = schema['x-kubernetes-map-type'] !== 'atomic';
    for (const [name, own] of Object.entries(schema.properties ?? {})) {
      let below = isCorrelated ? place : uncorrelated(place, path);
      if ((isRoot || isEmbedded(schema)) && metaFields.has(name)) {
        below = { ...below, inMeta: true };
        if (isRoot) below = { ...below, allowDefaults: false, noDefaults: `in top-level ${name}` };
      }
      this.visit(own, key(child(path, 'properties'), name), below, false, hasRules);
    }
  }

  #junctors(schema: JsonSchema, path: string, place: Place): void {
    const { not, definitions = {}, dependencies = {} } = schema;
    if (not !== undefined) this.visit(not, child(path, 'not'), place, false, false);
    for (const name of ['allOf', 'oneOf', 'anyOf'] as const)
      for (const [at, one] of (schema[name] ?? []).entries())
        this.visit(one, index(child(path, name), at), place, false, false);
    for (const [name, one] of Object.entries(definitions))
      this.visit(one, key(child(path, 'definitions'), name), place, false, false);
    for (const [name, one] of Object.entries(dependencies))
      if (isObject(one)) this.visit(one as JsonSchema, key(child(path, 'dependencies'), name), place, false, false);
  }

  #items(schema: JsonSchema, path: string, place: Place, hasRules: boolean): void {
    const at = child(path, 'items');
    const below = schema['x-kubernetes-list-type'] === 'map' ? place : uncorrelated(place, path);
    const items = itemSchema(schema);
    if (items !== undefined) this.visit(items, at, below, false, hasRules);
    else if (Array.isArray(schema.items))
      for (const [position, one] of schema.items.entries())
        this.visit(one, index(at, position), below, false, hasRules);
  }
}

function uncorrelated(place: Place, path: string): Place {
  return place.uncorrelated === undefined ? { ...place, uncorrelated: path } : place;
}

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];

function ruleFormErrors(schema: JsonSchema, rules: readonly ValidationRule[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [position, rule] of rules.entries()) {
    const at = index(path, position);
    const { message = '', messageExpression = '', reason, fieldPath = '' } = rule;
    const text = (rule.rule ?? '').trim();
    const hasLines = (value: string) => /[\n\r]/.test(value);
    if (text === '') errors.push(required(child(at, 'rule'), 'rule is not specified'));
    else if (message !== '' && message.trim() === '')
      errors.push(invalid(child(at, 'message'), message, 'must be non-empty if specified'));
    else if (hasLines(message.trim()))
      errors.push(invalid(child(at, 'message'), message, 'must not contain line breaks'));
    else if (hasLines(text) && message.trim() === '')
      errors.push(required(child(at, 'message'), 'message must be specified if rule contains line breaks'));
    if (messageExpression !== '' && messageExpression.trim() === '')
      errors.push(required(child(at, 'messageExpression'), 'messageExpression must be non-empty if specified'));
    if (reason !== undefined && !reasons.includes(reason))
      errors.push(notSupported(child(at, 'reason'), reason, reasons));
    if (fieldPath === '') continue;
    if (fieldPath.trim() === '')
      errors.push(invalid(child(at, 'fieldPath'), fieldPath, 'must be non-empty if specified'));
    if (hasLines(fieldPath)) errors.push(invalid(child(at, 'fieldPath'), fieldPath, 'must not contain line breaks'));
    if (conversionProblem(schema) === undefined && 'problem' in findField(fieldPath, schema))
      errors.push(invalid(child(at, 'fieldPath'), fieldPath, 'must be a valid path'));
  }
  return errors;
}
