import type { ValidationRule } from '../../../api/apiextensions/v1/types.ts';
import { wholeOf, type Steps } from '../../../base/in-steps.ts';
import type { Declaration } from '../../../cel/declaration.ts';
import { estimateCost } from '../../../cel/cost/estimate.ts';
import { optionalOf } from '../../../cel/declaration.ts';
import { kubernetesEnvironment, type Environment } from '../../../cel/environment.ts';
import { compiling, preparing, reads, type Program } from '../../../cel/program.ts';
import { declarationOf } from '../../../cel/schema.ts';
import { boolType, stringType, type Type } from '../../../cel/type.ts';
import { findField } from '../field-path.ts';
import type { JsonSchema } from '../json-schema.ts';

/** A rule of a schema, ready to be evaluated, or why it cannot be. */
export interface CompiledRule {
  readonly rule: Readonly<ValidationRule>;
  readonly program: Program | undefined;
  readonly problem: string | undefined;
  /** Whether it compares with what was before. */
  readonly usesOldSelf: boolean;
  /** What an evaluation costs at most. */
  readonly maxCost: number;
  readonly message: Program | undefined;
  readonly messageProblem: string | undefined;
  readonly maxMessageCost: number;
  /** Where it tells what is wrong, below the value that it looks at. */
  readonly fieldPath: string;
}

/** The rules of one schema with the declaration that they are compiled against. */
export interface CompiledRules {
  readonly declaration: Declaration;
  readonly rules: readonly CompiledRule[];
}

const compiled = new WeakMap<JsonSchema, CompiledRules | 'without type'>();

/**
 * The rules of a schema, compiled once. `without type`: nothing tells what its values are. `isResource`: the schema is
 * that of a whole object.
 */
export function rulesOf(schema: JsonSchema, isResource: boolean): CompiledRules | 'without type' {
  return wholeOf(compilingRules(schema, isResource));
}

/** The same in steps. */
export function* compilingRules(schema: JsonSchema, isResource: boolean): Steps<CompiledRules | 'without type'> {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  const declaration = declarationOf(schema as Parameters<typeof declarationOf>[0], 'selfType', isResource);
  yield;
  const made = declaration === undefined ? 'without type' : yield* compiledRules(schema, declaration);
  compiled.set(schema, made);
  return made;
}

function* compiledRules(schema: JsonSchema, declaration: Declaration): Steps<CompiledRules> {
  const plain = kubernetesEnvironment({ self: declaration, oldSelf: declaration });
  const optional = kubernetesEnvironment({ self: declaration, oldSelf: optionalOf(declaration) });
  const rules: CompiledRule[] = [];
  for (const rule of schema['x-kubernetes-validations'] ?? [])
    rules.push(yield* compiledRule(schema, rule, rule.optionalOldSelf === true ? optional : plain));
  return { declaration, rules };
}

function* compiledRule(
  schema: JsonSchema,
  rule: Readonly<ValidationRule>,
  environment: Environment,
): Steps<CompiledRule> {
  const own = yield* expression(rule.rule, environment, boolType, {
    compilation: 'compilation failed: ',
    type: 'cel expression must evaluate to a bool',
    instantiation: 'program instantiation failed: ',
  });
  const text = own.problem === undefined ? (rule.messageExpression ?? '') : '';
  const message = yield* expression(text, environment, stringType, {
    compilation: 'messageExpression compilation failed: ',
    type: 'messageExpression must evaluate to a string',
    instantiation: 'messageExpression instantiation failed: ',
  });
  const found = rule.fieldPath ? findField(rule.fieldPath, schema) : { problem: '' };
  return {
    rule,
    program: own.program,
    problem: own.problem,
    usesOldSelf: own.usesOldSelf,
    maxCost: own.maxCost,
    message: message.program,
    messageProblem: message.problem,
    maxMessageCost: message.maxCost,
    fieldPath: 'problem' in found ? '' : found.text,
  };
}

interface Expression {
  readonly program?: Program;
  readonly problem?: string;
  readonly usesOldSelf: boolean;
  readonly maxCost: number;
}

const without = { usesOldSelf: false, maxCost: 0 };

function* expression(
  text: string,
  environment: Environment,
  wanted: Type,
  words: { readonly compilation: string; readonly type: string; readonly instantiation: string },
): Steps<Expression> {
  if (text.trim() === '') return without;
  const checked = yield* compiling(text, environment);
  yield;
  if (checked.issues !== undefined) return { ...without, problem: words.compilation + checked.issues };
  if (checked.type.name !== wanted.name) return { ...without, problem: words.type };
  const usesOldSelf = reads(checked, 'oldSelf');
  const program = yield* preparing(checked);
  if ('problem' in program) return { usesOldSelf, maxCost: 0, problem: words.instantiation + program.problem };
  yield;
  return { program, usesOldSelf, maxCost: estimateCost(checked).max };
}
