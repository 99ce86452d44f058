import type { ValidationRule } from '../../../api/apiextensions/v1/types.ts';
import { forbidden, invalid, type FieldError } from '../../../apimachinery/validation.ts';
import { maxRequestBytes } from '../../../cel/schema.ts';
import { unbounded } from '../../../cel/cost/range.ts';
import type { RuleChecks } from '../rule-checks.ts';
import { additionalSchema, isEmbedded, itemSchema, type JsonSchema } from '../json-schema.ts';
import { child, index } from '../paths.ts';
import { compilingRules } from './compiled-rule.ts';
import { hasRules, ruleErrors } from './rule-check.ts';

/** What one expression may cost, and all of a schema together, as they are estimated beforehand. */
const expressionLimit = 10_000_000;
const schemaLimit = 100_000_000;

/** Checks the rules in a schema when it is written. What stood there before may cost more than it may now. */
export function definitionRules(root: JsonSchema, isUnchanged: boolean): RuleChecks {
  const counts = new Map<JsonSchema, number>();
  const costs: { readonly path: string; readonly cost: number }[] = [];
  if (hasRules(root)) count(root, 1, counts);

  function observe(cost: number, path: string, what: string): FieldError[] {
    costs.push({ path, cost });
    return isUnchanged || cost <= expressionLimit ? [] : [forbidden(path, costText(what, cost, expressionLimit))];
  }

  return {
    *check(schema, path, uncorrelated) {
      const at = child(path, 'x-kubernetes-validations');
      const compiled = yield* compilingRules(schema, schema === root || isEmbedded(schema));
      if (compiled === 'without type')
        return [
          {
            reason: 'InternalError',
            field: at,
            message:
              'Internal error: internal error: failed to construct type information for x-kubernetes-validations rules: unable to convert structural schema to CEL declarations',
          },
        ];
      const errors: FieldError[] = [];
      const mostBySize = Math.floor(maxRequestBytes / (compiled.declaration.minSize + 1));
      const times = counts.get(schema) ?? unbounded;
      for (const [position, one] of compiled.rules.entries()) {
        const here = index(at, position);
        const { rule } = one;
        const cost = Math.min(one.maxCost * (times === unbounded ? mostBySize : times), unbounded);
        errors.push(...observe(cost, child(here, 'rule'), 'estimated rule cost'));
        if (one.problem !== undefined) errors.push(invalid(child(here, 'rule'), inner(rule), one.problem));
        if (one.messageProblem !== undefined)
          errors.push(invalid(child(here, 'messageExpression'), inner(rule), one.messageProblem));
        else if (one.message !== undefined)
          errors.push(
            ...observe(one.maxMessageCost, child(here, 'messageExpression'), 'estimated messageExpression cost'),
          );
        if (one.usesOldSelf && uncorrelated !== undefined)
          errors.push(
            invalid(
              child(here, 'rule'),
              rule.rule,
              `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelated}`,
            ),
          );
        else if (!one.usesOldSelf && rule.optionalOldSelf !== undefined)
          errors.push(
            invalid(
              child(here, 'optionalOldSelf'),
              rule.optionalOldSelf,
              'may not be set if oldSelf is not used in rule',
            ),
          );
      }
      return errors;
    },

    checkDefault(value, schema, path) {
      if (!hasRules(schema)) return [];
      const isResource = schema === root || isEmbedded(schema);
      const errors = ruleErrors(value, value, schema, { isResource, path });
      return errors.length > 0 ? errors : ruleErrors(value, undefined, schema, { isResource, path });
    },

    total(path) {
      const total = Math.min(
        costs.reduce((sum, { cost }) => sum + cost, 0),
        unbounded,
      );
      if (total <= schemaLimit) return [];
      const dearest = costs.filter(({ cost }) => cost >= schemaLimit / 100).sort((a, b) => b.cost - a.cost);
      return [
        ...dearest
          .slice(0, 4)
          .map((one) =>
            forbidden(
              one.path,
              'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema',
            ),
          ),
        forbidden(
          path,
          costText(
            'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema',
            total,
            schemaLimit,
          ),
        ),
      ];
    },
  };
}

/** How often values of each schema can be in one object, at most. */
function count(schema: JsonSchema, times: number, counts: Map<JsonSchema, number>): void {
  counts.set(schema, times);
  const below = Math.min(times * mostElements(schema), unbounded);
  const inner = [itemSchema(schema), additionalSchema(schema), ...Object.values(schema.properties ?? {})];
  for (const one of inner) if (one !== undefined && hasRules(one)) count(one, below, counts);
}

function mostElements({ type, additionalProperties, maxProperties, maxItems }: JsonSchema): number {
  if (type === 'array') return maxItems === undefined ? unbounded : Math.max(0, maxItems);
  if (type !== 'object' || additionalProperties === undefined) return 1;
  return maxProperties === undefined ? unbounded : Math.max(0, maxProperties);
}

function costText(what: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const shown = factor > 100 ? 'more than 100x' : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
  return `${what} exceeds budget by factor of ${shown} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}

/** A rule under the names that Kubernetes has for its parts inside. */
function inner(rule: Readonly<ValidationRule>): object {
  return {
    Rule: rule.rule,
    Message: rule.message ?? '',
    MessageExpression: rule.messageExpression ?? '',
    Reason: rule.reason ?? null,
    FieldPath: rule.fieldPath ?? '',
    OptionalOldSelf: rule.optionalOldSelf ?? null,
  };
}
