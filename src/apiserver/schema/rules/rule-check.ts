import type { ValidationRule } from '../../../api/apiextensions/v1/types.ts';
import { jsonEqual } from '../../../apimachinery/equality.ts';
import { byteLength } from '../../../apimachinery/go-text.ts';
import { isObject, memberOf, type JsonObject } from '../../../apimachinery/patch/json-value.ts';
import {
  duplicate,
  forbidden,
  invalid,
  invalidAsWhole,
  required,
  type FieldError,
} from '../../../apimachinery/validation.ts';
import { perCallLimit, runtimeBudget } from '../../../cel/program.ts';
import { CelError } from '../../../cel/values/value.ts';
import { wholeOf, type Steps } from '../../../base/in-steps.ts';
import { correlated, type Correlation } from '../correlation.ts';
import { additionalSchema, isEmbedded, itemSchema, propertySchema, type JsonSchema } from '../json-schema.ts';
import { child, index, key, noPath } from '../paths.ts';
import { rulesOf, type CompiledRule } from './compiled-rule.ts';

/** Where a value stood before. */
interface Before {
  /** The value at the same place; `undefined`: rules on changes are not evaluated. */
  readonly old: unknown;
  /** What did not change is let be, though rules about it fail. */
  readonly correlation: Correlation | undefined;
  readonly isUnchangedAbove: boolean;
}

/** Whether there are rules anywhere in a schema. */
export function hasRules(schema: JsonSchema): boolean {
  const known = holding.get(schema);
  if (known !== undefined) return known;
  const inner = [itemSchema(schema), additionalSchema(schema), ...Object.values(schema.properties ?? {})];
  const holds =
    (schema['x-kubernetes-validations']?.length ?? 0) > 0 || inner.some((one) => one !== undefined && hasRules(one));
  holding.set(schema, holds);
  return holds;
}

const holding = new WeakMap<JsonSchema, boolean>();

export interface RuleOptions {
  /** Whether the value is an object as a whole. */
  readonly isResource: boolean;
  readonly path?: string;
}

/** What a value, or its change from `old`, does not fulfil of the rules in its schema, in one go. */
export function ruleErrors(value: unknown, old: unknown, schema: JsonSchema, options: RuleOptions): FieldError[] {
  return wholeOf(ruleSteps(value, old, schema, options));
}

/** The same in steps. */
export function* ruleSteps(
  value: unknown,
  old: unknown,
  schema: JsonSchema,
  { isResource, path = '' }: RuleOptions,
): Steps<FieldError[]> {
  const check = new RuleCheck();
  const correlation = old === undefined ? undefined : { old, schema };
  yield* check.visit(value, schema, path, isResource, { old, correlation, isUnchangedAbove: false });
  return check.errors;
}

class RuleCheck {
  readonly errors: FieldError[] = [];
  /** What evaluations may cost still; below 0: no more are done. */
  #budget = runtimeBudget;

  *visit(value: unknown, schema: JsonSchema, path: string, isResource: boolean, before: Before): Steps<void> {
    if (value === null || value === undefined || this.#budget < 0 || !hasRules(schema)) return;
    const { correlation } = before;
    let isUnchanged: boolean | undefined;
    const isLetBe = () =>
      (isUnchanged ??= correlation === undefined ? before.isUnchangedAbove : jsonEqual(correlation.old, value));
    yield* this.#rules(value, schema, path, isResource, before.old, isLetBe);
    if (Array.isArray(value)) yield* this.#items(value, schema, path, before, isLetBe);
    else if (isObject(value)) yield* this.#members(value, schema, path, before, isLetBe);
  }

  *#items(
    items: readonly unknown[],
    schema: JsonSchema,
    path: string,
    before: Before,
    isLetBe: () => boolean,
  ): Steps<void> {
    const each = itemSchema(schema);
    if (each === undefined || !hasRules(each)) return;
    const list = Array.isArray(before.old) ? { old: before.old, schema } : undefined;
    for (let at = 0; at < items.length && this.#budget >= 0; at++)
      yield* this.visit(items[at], each, index(path, at), isEmbedded(each), {
        old: correlated.item(list, items, at)?.old,
        correlation: correlated.item(before.correlation, items, at),
        isUnchangedAbove: isLetBe(),
      });
  }

  *#members(value: JsonObject, schema: JsonSchema, path: string, before: Before, isLetBe: () => boolean): Steps<void> {
    const rest = additionalSchema(schema);
    for (const name of Object.keys(value)) {
      const own = propertySchema(schema, name);
      const below = own ?? rest;
      if (below === undefined || !hasRules(below)) continue;
      yield* this.visit(
        value[name],
        below,
        own === undefined ? key(path, name) : child(path, name),
        isEmbedded(below),
        {
          old: isObject(before.old) ? memberOf(before.old, name) : undefined,
          correlation: correlated.member(before.correlation, value, name),
          isUnchangedAbove: isLetBe(),
        },
      );
    }
  }

  *#rules(
    value: unknown,
    schema: JsonSchema,
    path: string,
    isResource: boolean,
    old: unknown,
    isLetBe: () => boolean,
  ): Steps<void> {
    if ((schema['x-kubernetes-validations']?.length ?? 0) === 0) return;
    const compiled = rulesOf(schema, isResource);
    const tell = (why: string) => this.errors.push(invalid(path === '' ? noPath : path, schema.type ?? '', why));
    if (compiled === 'without type') {
      tell('rule compiler initialization error: failed to convert to declType for CEL validation rules');
      return;
    }
    if (this.#budget <= 0) return this.#exhausted(tell);
    const hasOld = old !== undefined && old !== null;
    for (const one of compiled.rules) {
      const { rule, program, usesOldSelf } = one;
      if (one.problem !== undefined) {
        tell(`rule compile error: ${one.problem}`);
        continue;
      }
      if (program === undefined || (usesOldSelf && !hasOld && rule.optionalOldSelf !== true)) continue;
      const variables =
        hasOld || rule.optionalOldSelf === true ? { self: value, oldSelf: hasOld ? old : undefined } : { self: value };
      const { value: outcome, spent, isOverLimit } = program.run(variables, { costLimit: perCallLimit });
      yield spent;
      if (spent > this.#budget) return this.#exhausted(tell);
      this.#budget -= spent;
      if (outcome === true) continue;
      if (outcome instanceof CelError) {
        if (isOverLimit) {
          tell(
            `'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: ${shownRule(rule)}`,
          );
          this.#budget = -1;
          return;
        }
        tell(
          outcome.message.startsWith('no such overload')
            ? `'${outcome.message}': call arguments did not match a supported operator, function or macro signature for rule: ${shownRule(rule)}`
            : `${outcome.message} evaluating rule: ${shownRule(rule)}`,
        );
        continue;
      }
      yield this.#failed(one, value, schema, path, variables, !usesOldSelf && isLetBe());
      if (this.#budget < 0) return;
    }
  }

  /** Answers what the message cost. */
  #failed(
    { rule, message, fieldPath }: CompiledRule,
    value: unknown,
    schema: JsonSchema,
    path: string,
    variables: Readonly<Record<string, unknown>>,
    isLetBe: boolean,
  ): number {
    const at = fieldPath === '' ? path : child(path, fieldPath);
    const where = at === '' ? noPath : at;
    let told = 0;
    let detail = rule.message ? rule.message.trim() : `failed rule: ${shownRule(rule)}`;
    if (message !== undefined) {
      const { value: made, spent, isOverLimit } = message.run(variables, { costLimit: perCallLimit });
      told = spent;
      const text = JSON.stringify(rule.messageExpression);
      const exceeded =
        spent > this.#budget
          ? 'messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run'
          : isOverLimit
            ? `no further validation rules will be run due to call cost exceeds limit for messageExpression: ${text}`
            : undefined;
      if (exceeded !== undefined) {
        if (!isLetBe) this.errors.push(invalid(where, schema.type ?? '', exceeded));
        this.#budget = -1;
        return told;
      }
      this.#budget -= spent;
      if (typeof made === 'string' && isFit(made.trim())) detail = made.trim();
    }
    if (!isLetBe) this.errors.push(errorOf(rule, where, value, schema, detail));
    return told;
  }

  #exhausted(tell: (why: string) => void): void {
    tell('validation failed due to running out of cost budget, no further validation rules will be run');
    this.#budget = -1;
  }
}

const longestMessage = 5 * 1024;

function isFit(message: string): boolean {
  return message !== '' && !message.includes('\n') && byteLength(message) <= longestMessage;
}

function errorOf(
  { reason }: Readonly<ValidationRule>,
  path: string,
  value: unknown,
  { type }: JsonSchema,
  detail: string,
): FieldError {
  const isWhole = type === 'object' || type === 'array';
  switch (reason) {
    case 'FieldValueForbidden':
      return forbidden(path, detail);
    case 'FieldValueRequired':
      return required(path, detail);
    case 'FieldValueDuplicate':
      return isWhole
        ? { reason: 'FieldValueDuplicate', field: path, message: 'Duplicate value' }
        : duplicate(path, value);
    default:
      return isWhole ? invalidAsWhole(path, detail) : invalid(path, value, detail);
  }
}

function shownRule({ message, rule }: Readonly<ValidationRule>): string {
  return (message || rule).trim();
}
