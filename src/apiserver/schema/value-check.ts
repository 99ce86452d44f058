import { jsonEqual } from '../../apimachinery/equality.ts';
import { extendedPath } from '../../apimachinery/go-text.ts';
import { isObject, memberOf, type JsonObject } from '../../apimachinery/patch/json-value.ts';
import { RawNumber } from '../../apimachinery/raw-number.ts';
import { refused } from '../../apimachinery/status.ts';
import type { FieldError } from '../../apimachinery/validation.ts';
import { bestFailures, firstValid } from './alternatives.ts';
import { correlated, nothing, type Correlation } from './correlation.ts';
import { checkEnum } from './enum-check.ts';
import {
  longerThan,
  missing,
  moreItemsThan,
  morePropertiesThan,
  plainFailure,
  unfulfilled,
  wrongType,
} from './failures.ts';
import { hasFormat, isKnownFormat, isTextFormat } from './formats.ts';
import { isGoInteger } from './go-float.ts';
import { additionalSchema, itemSchema, metaFields, propertySchema, type JsonSchema } from './json-schema.ts';
import { checkNumber } from './number-check.ts';
import { isFound, triesOf } from './pattern.ts';
import { child, index } from './paths.ts';
import { Result, type Failure } from './result.ts';

/**
 * What a value does not fulfil of its schema. `path` is where the value stands (empty: it is an object as a whole). With
 * `old`, a part that has not changed is let be, whatever is wrong with it. Throws 413 beyond {@link mostChecks}.
 */
export function valueErrors(value: unknown, schema: JsonSchema, path: string, old?: Correlation): FieldError[] {
  const errors: FieldError[] = [];
  let room = mostText;
  for (const { error } of new ValueCheck().check(value, schema, '', old).failures()) {
    const made = error(path);
    errors.push(made);
    room -= made.message.length;
    if (room < 0) break;
  }
  return errors;
}

/** Characters of the messages of all errors together: more than an answer tells. */
const mostText = 1024 * 1024;

/** How many pairs of a value and a schema may be compared for one object: alternatives multiply what a body may hold. */
const mostChecks = 500_000;

/** What it may take to look for patterns in the texts of one object, as {@link triesOf} has it: a second or two at worst. */
const mostTries = 32 * 1024 * 1024;

/** The walk over one value and what its schema says of each part. */
class ValueCheck {
  #left = mostChecks;
  #tries = mostTries;

  /** A value that could be told apart from the one before; where that is the same, its failures do not count. */
  check(value: unknown, schema: JsonSchema, name: string, old: Correlation | undefined): Result {
    const result = this.#anew(value, schema, name, old);
    if (!result.isValid && old !== undefined && jsonEqual(old.old, value)) result.clear();
    return result;
  }

  #spendTries(text: string, { pattern, maxLength }: JsonSchema): void {
    if (!pattern || (maxLength !== undefined && isLonger(text, maxLength))) return;
    this.#tries -= triesOf(pattern, text.length);
    if (this.#tries < 0)
      throw refused.tooLarge(
        `Request entity too large: limit is ${mostTries} letters of texts times the sizes of their patterns`,
      );
  }

  #anew(value: unknown, schema: JsonSchema, name: string, old: Correlation | undefined): Result {
    if (this.#left-- === 0)
      throw refused.tooLarge(`Request entity too large: limit is ${mostChecks} checks of values against schemas`);
    const result = new Result();
    const types = typesOf(schema);
    const format = formatOf(schema);
    if (value === null || value === undefined) {
      if (types.length > 0 && schema.nullable !== true) result.add(wrongType(name, types.join(','), 'null'));
      else if (types.length > 0 || format !== '') result.matches++;
      checkEnum(result, null, schema, name);
      return result;
    }
    if (types.length > 0 || format !== '') {
      const failure = typeFailure(value, types, format, name);
      result.matches += failure === undefined ? 2 : 1;
      if (failure !== undefined) result.add(failure);
    }
    if (hasJunctors(schema)) this.#junctors(result, value, schema, name, old);
    result.matches += 2;
    if (typeof value === 'string') {
      this.#spendTries(value, schema);
      checkText(result, value, schema, name);
      result.matches++;
      if (format !== '' && isTextFormat(format)) {
        if (!hasFormat(format, value)) result.add(wrongType(name, format, value));
        result.matches++;
      }
    } else if (isNumber(value)) {
      result.merge(checkNumber(value, schema, types, name));
      result.matches++;
    } else if (Array.isArray(value)) {
      this.#items(result, value, schema, name, old);
      result.matches += 2;
    }
    checkEnum(result, value, schema, name);
    result.matches++;
    if (isObject(value)) {
      this.#members(result, value, schema, name, old);
      result.matches++;
    }
    result.matches++;
    return result;
  }

  #items(
    result: Result,
    items: readonly unknown[],
    schema: JsonSchema,
    name: string,
    old: Correlation | undefined,
  ): void {
    const { minItems, maxItems } = schema;
    const each = itemSchema(schema);
    if (each !== undefined)
      for (let at = 0; at < items.length; at++)
        result.merge(this.check(items[at], each, index(name, at), correlated.item(old, items, at)));
    if (minItems !== undefined && items.length < minItems)
      result.add(unfulfilled(name, items.length, `should have at least ${minItems} items`));
    if (maxItems !== undefined && items.length > maxItems) result.add(moreItemsThan(name, maxItems, items.length));
  }

  #members(result: Result, value: JsonObject, schema: JsonSchema, name: string, old: Correlation | undefined): void {
    const { minProperties, maxProperties, properties = nothing, required = noTypes, additionalProperties } = schema;
    const count = Object.keys(value).length;
    if (minProperties !== undefined && count < minProperties)
      result.add(unfulfilled(name, count, `should have at least ${minProperties} properties`));
    if (maxProperties !== undefined && count > maxProperties)
      result.add(morePropertiesThan(name, maxProperties, count));
    if (additionalProperties === false) {
      for (const member in value)
        if (propertySchema(schema, member) === undefined) result.add(forbiddenMember(name, member));
    } else {
      const rest = additionalSchema(schema);
      if (rest !== undefined)
        for (const member in value)
          if (propertySchema(schema, member) === undefined)
            result.merge(
              this.check(value[member], rest, extendedPath(name, `.${member}`), correlated.member(old, value, member)),
            );
    }
    for (const member in properties) {
      if (!Object.hasOwn(value, member)) continue;
      const path = child(name, member);
      // What an object says that it is must be right each time.
      const isOfType = name === '' && metaFields.has(member) && member !== 'metadata';
      const before = isOfType ? undefined : correlated.member(old, value, member);
      result.merge(this.check(value[member], properties[member]!, path, before));
    }
    for (const member of required) if (memberOf(value, member) === undefined) result.add(missing(`${name}.${member}`));
  }

  #junctors(
    result: Result,
    value: unknown,
    { anyOf = [], oneOf = [], allOf = [], not }: JsonSchema,
    name: string,
    old: Correlation | undefined,
  ): void {
    const against = (schema: JsonSchema) => this.#anew(value, schema, name, old);
    const quoted = JSON.stringify(name);
    if (anyOf.length > 0) {
      const best = firstValid(anyOf.map((one) => () => against(one)));
      if (!best.isValid) result.add(plainFailure(`${quoted} must validate at least one schema (anyOf)`));
      result.merge(best);
    }
    if (oneOf.length > 0) {
      const results = oneOf.map(against);
      const valid = results.filter((one) => one.isValid);
      if (valid.length === 1) result.merge(valid[0]!);
      else {
        const found = valid.length === 0 ? 'Found none valid' : `Found ${valid.length} valid alternatives`;
        result.add(plainFailure(`${quoted} must validate one and only one schema (oneOf). ${found}`));
        const best = bestFailures(results);
        if (best !== undefined) result.merge(best);
      }
    }
    if (allOf.length > 0) {
      const results = allOf.map(against);
      for (const one of results) result.merge(one);
      const valid = results.filter((one) => one.isValid).length;
      if (valid < results.length)
        result.add(
          plainFailure(`${quoted} must validate all the schemas (allOf)${valid === 0 ? '. None validated' : ''}`),
        );
    }
    if (not !== undefined && against(not).isValid)
      result.add(plainFailure(`${quoted} must not validate the schema (not)`));
  }
}

const numberOrText: readonly string[] = ['integer', 'string'];
const noTypes: readonly string[] = [];

function typesOf(schema: JsonSchema): readonly string[] {
  if (schema['x-kubernetes-int-or-string'] === true) return numberOrText;
  return schema.type ? [schema.type] : noTypes;
}

/** Formats that mean nothing for the type count as none. */
function formatOf(schema: JsonSchema): string {
  const { format = '', type } = schema;
  if (format === '') return '';
  return isKnownFormat(format, schema['x-kubernetes-int-or-string'] === true ? '' : type) ? format : '';
}

function isNumber(value: unknown): value is number | RawNumber {
  return typeof value === 'number' || value instanceof RawNumber;
}

/** What JSON type a value has, integers told apart. */
function typeNameOf(value: unknown): string {
  if (isNumber(value)) return isGoInteger(value) ? 'integer' : 'number';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}

function typeFailure(value: unknown, types: readonly string[], format: string, name: string): Failure | undefined {
  const found = typeNameOf(value);
  const isAcceptedNumber =
    (found === 'number' && types.includes('integer') && Number.isInteger(Number(value))) ||
    (found === 'integer' && types.includes('number'));
  if (types.includes(found) || isAcceptedNumber) return undefined;
  const isTextOrList = found === 'string' || found === 'array';
  const ownFormat = found === 'integer' ? 'int64' : found === 'number' ? 'float64' : '';
  const isNumeric = types.includes('number') || types.includes('integer');
  if (format !== '' && !isTextOrList && ownFormat !== format) return wrongType(name, format, ownFormat);
  // Whoever looks at the format says what is wrong with the text.
  if (format !== '' && isTextOrList && !isNumeric) return undefined;
  return wrongType(name, types.join(','), found);
}

function checkText(result: Result, text: string, { maxLength, minLength, pattern }: JsonSchema, name: string): void {
  if (maxLength !== undefined && isLonger(text, maxLength)) result.add(longerThan(name, maxLength));
  else if (minLength !== undefined && !isLonger(text, minLength - 1))
    result.add(unfulfilled(name, text, `should be at least ${minLength} chars long`));
  else if (pattern && !isFound(pattern, text)) result.add(unfulfilled(name, text, `should match '${pattern}'`));
}

/** In characters, not in JavaScript's units. */
function isLonger(text: string, length: number): boolean {
  if (text.length <= length) return false;
  let count = 0;
  for (const _ of text) if (++count > length) return true;
  return false;
}

function forbiddenMember(name: string, member: string) {
  const failure = unfulfilled(name, member, '');
  const text = `${name}.${member} in body is a forbidden property`;
  return {
    text,
    error: (root: string) => ({ ...failure.error(root), message: `Invalid value: ${JSON.stringify(member)}: ${text}` }),
  };
}

function hasJunctors({ anyOf, oneOf, allOf, not }: JsonSchema): boolean {
  return anyOf !== undefined || oneOf !== undefined || allOf !== undefined || not !== undefined;
}
