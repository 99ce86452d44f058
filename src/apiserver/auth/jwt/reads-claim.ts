import type { Expression } from '../../../cel/syntax/expression.ts';

/** Whether an expression reads a member of the variable `claims`, optionally too: `claims.email`, `claims.?email`. */
export function readsClaim(expression: Expression, claim: string): boolean {
  return isRead(expression, claim) || partsOf(expression).some((part) => readsClaim(part, claim));
}

function isRead(expression: Expression, claim: string): boolean {
  if (expression.kind === 'select') return isClaims(expression.operand) && expression.field === claim;
  if (expression.kind !== 'call' || expression.function !== '_?._') return false;
  const [operand, field] = expression.arguments;
  return operand !== undefined && isClaims(operand) && field?.kind === 'literal' && field.value === claim;
}

function isClaims(expression: Expression): boolean {
  return expression.kind === 'identifier' && expression.name === 'claims';
}

function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'literal':
    case 'identifier':
      return [];
    case 'select':
      return [expression.operand];
    case 'call':
      return expression.target === undefined ? expression.arguments : [expression.target, ...expression.arguments];
    case 'list':
      return expression.elements;
    case 'map':
      return expression.entries.flatMap(({ key, value }) => [key, value]);
    case 'struct':
      return expression.fields.map(({ value }) => value);
    case 'comprehension': {
      const { range, initial, condition, step, end } = expression;
      return [range, initial, condition, step, end];
    }
  }
}
