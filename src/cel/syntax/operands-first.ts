import type { Steps } from '../../base/in-steps.ts';
import type { Expression } from './expression.ts';

/** Operators of which long expressions are made. Who looks at one looks at its operands from left to right, and then at it. */
const operators: ReadonlySet<string> = new Set(['_&&_', '_||_', '_?_:_']);
/** What looking at an operand costs, in the measure of {@link Steps}; some are much longer than others. */
const costOfOperand = 500;

/**
 * Looks at an expression in steps: at the operands of operators, each by itself, before what they are operands of, and so at
 * the elements of lists, and at what a comprehension goes through. `look`
 * remembers what it found of each, which `isKnown` tells: what stands in the tree twice is looked at once.
 */
export function* operandsFirst(
  expression: Expression,
  isKnown: (part: Expression) => boolean,
  look: (part: Expression) => void,
): Steps<void> {
  if (isKnown(expression)) return;
  for (const operand of operandsOf(expression)) yield* operandsFirst(operand, isKnown, look);
  look(expression);
  yield costOfOperand;
}

/** What is looked at before the expression itself, whatever that is. */
function operandsOf(expression: Expression): readonly Expression[] {
  if (expression.kind === 'list') return expression.elements;
  if (expression.kind === 'comprehension') return [expression.range];
  const isOperator = expression.kind === 'call' && operators.has(expression.function);
  return isOperator && expression.target === undefined ? expression.arguments : [];
}
