import { partsOf, type Expression } from '../../../cel/syntax/expression.ts';

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
