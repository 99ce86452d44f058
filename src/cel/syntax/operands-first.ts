import type { Steps } from '../../base/in-steps.ts';
import type { Expression } from './expression.ts';

/** Operators of which long expressions are made. Who looks at one looks at its operands from left to right, and then at it. */
const operators: ReadonlySet<string> = new Set(['_&&_', '_||_', '_?_:_']);
/** What looking at an operand costs, in the measure of {@link Steps}; some are much longer than others. */
const costOfOperand = 500;

/**
 * Looks at an expression in steps: at the operands of operators, each by itself, before what they are operands of. `look`
 * remembers what it found of each, which `isKnown` tells: what stands in the tree twice is looked at once.
 */
export function* operandsFirst(
  expression: Expression,
  isKnown: (part: Expression) => boolean,
  look: (part: Expression) => void,
): Steps<void> {
  if (isKnown(expression)) return;
  if (expression.kind === 'call' && operators.has(expression.function) && expression.target === undefined)
    for (const operand of expression.arguments) yield* operandsFirst(operand, isKnown, look);
  look(expression);
  yield costOfOperand;
}
